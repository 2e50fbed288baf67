"""``ocireg repository history`` and ``restore``: what tags pointed at, and how they do so again."""

import pytest
from flask.testing import FlaskClient

from tests.cli.commanded import Commands, events
from tests.web.v2 import push


@pytest.fixture
def moved(client: FlaskClient) -> list[str]:
    """What the tag 1 pointed at, and points at; and what the tag 2 did, which was deleted."""
    pushed = [("1", b"one"), ("1", b"two"), ("2", b"three")]
    for _, layer in pushed:
        push.blob(client, "tools", layer)
    push.blob(client, "tools", b"{}")
    found = [push.manifest(client, "tools", tag, push.image(layers=(layer,))) for tag, layer in pushed]
    client.delete("/v2/tools/manifests/2")
    return found


def test_the_history_shows_what_tags_pointed_at_the_newest_first(run: Commands, moved: list[str]) -> None:
    told = [(one["name"], one["digest"], one["present"]) for one in run.json("repository", "history", "tools")]
    assert told == [("2", None, False), ("2", moved[2], True), ("1", moved[1], True), ("1", moved[0], True)]
    assert [line[2:4] for line in run.lines("repository", "history", "tools", "--tag", "1")[1:]] == [
        ["1", moved[1]],
        ["1", moved[0]],
    ]


def test_a_tag_that_moved_or_was_deleted_is_restored(run: Commands, client: FlaskClient, moved: list[str]) -> None:
    for tag, digest in (("1", moved[0]), ("2", moved[2])):
        run("repository", "restore", "tools", tag, digest)
        assert client.head(f"/v2/tools/manifests/{tag}").headers["Docker-Content-Digest"] == digest
    assert [one.subject for one in events("tag.restore")] == ["1", "2"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("tools", "1", "sha256:12"), "'sha256:12' is no digest"),
        (("tools", "1", f"sha256:{'0' * 64}"), "1 of tools did not point at"),
        (("tols", "1", f"sha256:{'0' * 64}"), "tols"),
    ],
)
def test_what_cannot_be_restored_is_said_in_one_line(
    run: Commands, moved: list[str], arguments: tuple[str, ...], said: str
) -> None:
    assert moved
    assert said in run.refused("repository", "restore", *arguments)
