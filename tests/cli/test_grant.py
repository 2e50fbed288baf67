"""``ocireg grant``: levels on single registries."""

import pytest

from tests.cli.commanded import Commands, events


@pytest.fixture
def bob(run: Commands) -> Commands:
    """A user, and a registry."""
    run("user", "add", "bob", "--no-password")
    run("org", "create", "acme")
    run("registry", "create", "acme/apps")
    return run


@pytest.mark.parametrize("registry", ["acme/apps", "root"])
def test_a_level_is_given_changed_and_taken_away(registry: str, bob: Commands) -> None:
    bob("grant", "set", registry, "bob", "read")
    assert bob("grant", "set", registry, "bob", "write") == f"bob has the level write on {registry}\n"
    assert bob.json("grant", "list", registry) == [{"user": "bob", "level": "write"}]
    assert bob.lines("grant", "list", registry) == [["user", "level"], ["bob", "write"]]
    bob("grant", "remove", registry, "bob")
    assert bob.json("grant", "list", registry) == []
    assert [(one.registry, one.subject) for one in events("grant.set")] == [(registry, "bob")] * 2
    assert len(events("grant.remove")) == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["set", "acme/apps", "bob", "owner"], "level is one of read, write, admin, not 'owner'"),
        (["set", "acme/apps", "nobody", "read"], "there is no user 'nobody'"),
        (["set", "acme/none", "bob", "read"], "there is no registry 'acme/none'"),
        (["remove", "acme/apps", "bob"], "bob was granted nothing on acme/apps"),
    ],
    ids=str,
)
def test_what_cannot_be_is_said_in_one_line(arguments: list[str], said: str, bob: Commands) -> None:
    assert bob.refused("grant", *arguments).startswith(said)
