"""``ocireg registry immutable``: rules of a registry that say which tags are immutable."""

import pytest
from flask.testing import FlaskClient

from ocireg.auth.manage import immutable
from tests.cli.commanded import Commands, events
from tests.web.v2 import push

WHERE = ("registry", "immutable")


@pytest.fixture
def acme(run: Commands) -> Commands:
    """An organization with a registry."""
    run("org", "create", "acme")
    run("registry", "create", "acme/apps")
    return run


def test_a_rule_is_added_listed_and_removed(acme: Commands) -> None:
    said = acme(*WHERE, "add", "acme/apps", "v*", "--tag", "release-?", "--except", "v0.*", "--repository", "web/*")
    (rule,) = acme.json(*WHERE, "list", "acme/apps")
    assert said == f"rule {rule['id']} of acme/apps: v*, release-? in web/* except v0.*\n"
    assert {**rule, "id": "", "created_at": 0} == {
        "tags": ["v*", "release-?"],
        "repositories": ["web/*"],
        "exceptions": ["v0.*"],
        "fallback_tags": False,
        "id": "",
        "created_at": 0,
    }
    made = acme.json(*WHERE, "add", "root", "*", "--fallback-tags")
    assert (made["tags"], made["repositories"], made["fallback_tags"]) == (["*"], [], True)
    line = acme.lines(*WHERE, "list", "root")[1]
    assert (line[0], line[3:]) == (made["id"], ["all", "*", "bound"])
    assert acme(*WHERE, "remove", "acme/apps", rule["id"]).startswith(f"acme/apps has no rule {rule['id']} any more")
    assert acme.json(*WHERE, "list", "acme/apps") == []
    assert [one.actor for one in events("immutable.add") + events("immutable.remove")] == ["operator"] * 3


def test_a_dry_run_says_which_tags_would_be_bound_and_changes_nothing(
    acme: Commands, client: FlaskClient, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("v1", "v2", "w1"):
        push.manifest(client, "acme/apps/web", name)
    tried = (*WHERE, "add", "acme/apps", "v*", "--dry-run")
    assert acme.lines(*tried) == [["repository", "tag"], ["acme/apps/web", "v1"], ["acme/apps/web", "v2"]]
    assert acme.json(*tried)["cut"] is False
    monkeypatch.setattr(immutable, "LOOKED_AT", 1)
    assert acme.json(*tried) == {"tags": [{"repository": "acme/apps/web", "tag": "v1"}], "cut": True}
    acme(*tried)
    assert capsys.readouterr().err == ""
    assert acme.json(*WHERE, "list", "acme/apps") == []


def test_commands_are_bound_too(acme: Commands, client: FlaskClient) -> None:
    push.manifest(client, "acme/apps/web", "v1")
    (rule,) = (acme.json(*WHERE, "add", "acme/apps", "v*"),)
    for arguments, said in (
        (("repository", "delete", "acme/apps/web", "--yes"), "the tag v1 of acme/apps/web is immutable (rule: v*)"),
        (("repository", "move", "acme/apps/web", "web"), "the tag v1 of acme/apps/web is immutable (rule: v*)"),
        (("registry", "delete", "acme/apps", "--with-contents", "--yes"), "acme/apps has rules for immutable tags"),
    ):
        assert acme.refused(*arguments).startswith(said)
    acme(*WHERE, "remove", "acme/apps", rule["id"])
    acme("registry", "delete", "acme/apps", "--with-contents", "--yes")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["add", "acme/apps", "a b"], "'a b' is no glob for tags"),
        (["add", "acme/apps", ""], "'' is no glob for tags"),
        (["add", "acme/apps", "v*", "--repository", "A"], "'A' is no glob for repositories"),
        (["add", "acme/apps", "v*", "--except", "/"], "'/' is no glob for exceptions"),
        (["add", "acme/none", "v*"], "there is no registry 'acme/none'"),
        (["add", "acme/none", "v*", "--dry-run"], "there is no registry 'acme/none'"),
        (["list", "acme/none"], "there is no registry 'acme/none'"),
        (["remove", "acme/apps", "none"], "acme/apps has no rule 'none'"),
    ],
    ids=str,
)
def test_what_cannot_be_is_said_in_one_line(arguments: list[str], said: str, acme: Commands) -> None:
    assert acme.refused(*WHERE, *arguments).startswith(said)
