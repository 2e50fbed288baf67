"""``ocireg repository``: repositories, what they are called, and their end."""

import signal

import pytest
from flask.testing import FlaskClient

from tests.cli.commanded import Commands, events
from tests.cli.terminal import answered, on_terminal
from tests.web.v2 import push


@pytest.fixture
def filled(run: Commands, client: FlaskClient) -> Commands:
    """An organization with a registry, and repositories in it and in the root registry."""
    run("org", "create", "acme")
    run("registry", "create", "acme/apps")
    push.manifest(client, "acme/apps/web", "v1")
    push.manifest(client, "acme/apps/web", "v2")
    push.manifest(client, "tools", "v1")
    return run


def names(run: Commands, *arguments: str) -> list[str]:
    return [one["name"] for one in run.json("repository", "list", *arguments)]


def test_repositories_are_listed_with_what_they_hold(filled: Commands) -> None:
    assert [line[:4] for line in filled.lines("repository", "list")[1:]] == [
        ["acme/apps/web", "acme/apps", "2", "1"],
        ["tools", "root", "1", "1"],
    ]
    assert names(filled, "--registry", "acme/apps") == ["acme/apps/web"]
    assert names(filled, "--registry", "root") == ["tools"]


def test_a_long_list_is_whole(filled: Commands, client: FlaskClient) -> None:
    for number in range(120):
        push.blob(client, f"many/{number:03}", b"x")
    assert len(names(filled)) == 122


def test_a_move_takes_all_along_and_is_an_event_of_the_organization(filled: Commands, client: FlaskClient) -> None:
    filled("repository", "move", "tools", "acme/apps/tools")
    assert client.get("/v2/acme/apps/tools/manifests/v1").get_data() == push.image()
    assert client.get("/v2/tools/manifests/v1").status_code == 404
    assert names(filled, "--registry", "acme/apps") == ["acme/apps/tools", "acme/apps/web"]
    (event,) = events("repository.move")
    assert (event.repository, event.subject, event.organization) == ("tools", "acme/apps/tools", "acme")


def test_a_deleted_repository_is_gone_and_its_event_names_where_it_was(filled: Commands, client: FlaskClient) -> None:
    filled("repository", "delete", "acme/apps/web", "--yes")
    filled("repository", "delete", "tools", "--yes")
    assert client.get("/v2/acme/apps/web/manifests/v1").status_code == 404
    assert names(filled) == []
    assert [(one.repository, one.registry) for one in events("repository.delete")] == [
        ("acme/apps/web", "acme/apps"),
        ("tools", "root"),
    ]


@pytest.mark.usefixtures("filled")
@pytest.mark.parametrize(("typed", "status"), [("tools", 0), ("tool", 2)])
def test_its_name_is_asked_for(typed: str, status: int) -> None:
    shown, found = answered(["repository", "delete", "tools"], typed)
    assert "Type tools to go on: " in shown
    assert found == status


def test_ctrl_c_at_a_question_ends_it_without_a_traceback(filled: Commands) -> None:
    with on_terminal(["repository", "delete", "tools"]) as terminal:
        terminal.wait_for("go on: ")
        terminal.process.send_signal(signal.SIGINT)
        assert terminal.end() == 130
        assert "Traceback" not in terminal.shown
    assert "tools" in names(filled)


def test_a_registry_goes_with_its_contents(filled: Commands) -> None:
    assert filled.refused("registry", "delete", "acme/apps") == "acme/apps is not empty: it has acme/apps/web"
    said = filled("registry", "delete", "acme/apps", "--with-contents", "--yes")
    assert said == "deleted the registry acme/apps and 1 repositories\n"
    assert names(filled) == ["tools"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["move", "tools", "acme/apps/web"], "there is a repository acme/apps/web already"),
        (
            ["move", "tools", "acme/none/web"],
            "acme has no registry none, make it first: images of acme are named acme/REGISTRY/IMAGE",
        ),
        (["move", "tools", "acme"], "images of acme are named acme/REGISTRY/IMAGE"),
        (["move", "tools", "acme/x"], "images of acme are named acme/REGISTRY/IMAGE"),
        (["move", "none", "acme/apps/web"], "there is no repository 'none'"),
        (["move", "none", "acme/x"], "there is no repository 'none'"),
        (["move", "tools", "Tools"], "a repository name is parts of lower-case letters"),
        (["move", "tools", "-1"], "a repository name is parts of lower-case letters"),
        (["move", "none", "other"], "there is no repository 'none'"),
        (["move", "tools", "other", "--read-only"], "read_only is set: nothing is deleted or moved"),
        (["delete", "none", "--yes"], "there is no repository 'none'"),
        (["delete", "tools"], "this deletes the repository tools and all that is in it: say --yes"),
        (["delete", "tools", "--yes", "--read-only"], "read_only is set"),
        (["list", "--registry", "none"], "there is no registry 'none'"),
    ],
    ids=str,
)
def test_what_cannot_be_changes_nothing(arguments: list[str], said: str, filled: Commands) -> None:
    assert filled.refused("repository", *arguments).startswith(said)
    assert names(filled) == ["acme/apps/web", "tools"]
