"""``ocireg org``: organizations and their members."""

import pytest

from tests.cli.commanded import Commands, events


def test_an_organization_is_made_shown_renamed_and_deleted(run: Commands) -> None:
    assert run("org", "create", "acme", "--name", "ACME Inc.", "--admin", "admin") == (
        "made the organization acme, which admin administers\n"
    )
    (found,) = run.json("org", "list")
    assert (found["slug"], found["name"]) == ("acme", "ACME Inc.")
    whole = run.json("org", "show", "acme")
    assert whole["members"] == [{"user": "admin", "role": "admin"}]
    assert whole["registries"] == []
    run("org", "rename", "acme", "Acme & Sons")
    assert ["name", "Acme", "&", "Sons"] in run.lines("org", "show", "acme")
    run("org", "delete", "acme")
    assert run.json("org", "list") == []
    assert run("org", "list") == "slug  created (UTC)  name\n"


def test_members_come_go_and_have_roles(run: Commands) -> None:
    run("org", "create", "acme")
    run("user", "add", "bob", "--no-password")
    run("org", "member", "add", "acme", "bob")
    assert run.json("org", "member", "list", "acme") == [{"user": "bob", "role": "member"}]
    run("org", "member", "add", "acme", "bob", "--role", "admin")
    assert run.lines("org", "member", "list", "acme") == [["user", "role"], ["bob", "admin"]]
    run("org", "member", "remove", "acme", "bob")
    assert run.json("org", "member", "list", "acme") == []
    assert [one.detail for one in events("member.add") + events("member.change")] == [
        {"role": "member"},
        {"role": "admin"},
    ]


def test_a_change_is_the_operators_by_a_command_as_a_user_of_this_machine(run: Commands) -> None:
    run("org", "create", "acme")
    (found,) = events("organization.create")
    assert (found.actor, found.agent, found.organization) == ("operator", "ocireg org create", "acme")
    assert found.credential.startswith("command:")
    assert len(found.credential) > len("command:")


def test_many_organizations_are_all_listed(run: Commands) -> None:
    import sqlite3  # noqa: PLC0415 - the standard one, to write many at once

    with sqlite3.connect("data/ocireg.db") as database:
        rows = [(f"o{number:04}", "n", 0.0) for number in range(1100)]
        database.executemany("INSERT INTO organization (slug, name, created_at) VALUES (?, ?, ?)", rows)
    database.close()
    assert [one["slug"] for one in run.json("org", "list")] == [slug for slug, _, _ in rows]


def test_what_steers_a_terminal_is_not_printed_whoever_wrote_it(run: Commands) -> None:
    import sqlite3  # noqa: PLC0415 - likewise

    with sqlite3.connect("data/ocireg.db") as database:
        database.execute("INSERT INTO organization (slug, name, created_at) VALUES ('x', 'a\x1b[2J\n\u202eb', 1e30)")
    database.close()
    for shown in (run("org", "list"), run("org", "show", "x"), run("org", "list", "--json")):
        assert all(line.isprintable() for line in shown.splitlines())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["create", "Acme"], "organization is lower-case letters and digits"),
        (["create", "root"], "'root' names the root registry: choose another"),
        (["create", "v2"], "'v2' is a path of the service"),
        (["create", "new", "--admin", "nobody"], "there is no user 'nobody'"),
        (["create", "acme"], "there is an organization 'acme' already"),
        (["create", "\udcff"], "'\\udcff' is no text in UTF-8"),
        (["show", "none"], "there is no organization 'none'"),
        (["rename", "acme", " "], "name is empty"),
        (["delete", "acme"], "acme has registries: acme/apps; delete them first"),
        (["member", "add", "acme", "admin", "--role", "owner"], "role is one of member, admin, not 'owner'"),
        (["member", "add", "acme", "nobody"], "there is no user 'nobody'"),
        (["member", "remove", "acme", "admin"], "admin does not belong to acme"),
    ],
    ids=str,
)
def test_what_cannot_be_is_said_in_one_line(arguments: list[str], said: str, run: Commands) -> None:
    run("org", "create", "acme")
    run("registry", "create", "acme/apps")
    assert run.refused("org", *arguments).startswith(said)


def test_where_there_is_no_registry_none_is_made(run: Commands) -> None:
    assert "ocireg init makes a new one" in run.refused("org", "list", "--data", "elsewhere")
