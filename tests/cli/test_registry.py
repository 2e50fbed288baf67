"""``ocireg registry``: registries, what they are like, and the tokens that pull from one."""

import pytest

from tests.cli.commanded import Commands, events
from tests.cli.terminal import answered


@pytest.fixture
def acme(run: Commands) -> Commands:
    """An organization with a private registry."""
    run("org", "create", "acme")
    run("registry", "create", "acme/apps", "--name", "Apps", "--emoji", "📦", "--colour", "#1F6FEB")
    return run


def test_a_registry_is_private_until_it_is_said_otherwise(acme: Commands) -> None:
    shown = acme.json("registry", "show", "acme/apps")
    assert {**shown, "created_at": 0} == {
        "registry": "acme/apps",
        "organization": "acme",
        "slug": "apps",
        "name": "Apps",
        "description": "",
        "emoji": "📦",
        "colour": "#1f6feb",
        "created_at": 0,
        "visibility": "private",
        "policy": False,
        "grants": [],
        "tokens": 0,
    }
    acme("registry", "change", "acme/apps", "--public", "--description", "what runs")
    changed = acme.json("registry", "show", "acme/apps")
    assert (changed["visibility"], changed["description"], changed["name"]) == ("public", "what runs", "Apps")
    assert acme("registry", "change", "acme/apps", "--description", "") == "changed acme/apps: description\n"
    assert acme.json("registry", "create", "acme/base", "--public")["visibility"] == "public"


def test_registries_are_listed_the_root_first(acme: Commands) -> None:
    lines = acme.lines("registry", "list")
    assert [line[:2] for line in lines[1:]] == [["root", "private"], ["acme/apps", "private"]]
    assert [one["registry"] for one in acme.json("registry", "list", "--org", "acme")] == ["acme/apps"]
    acme("registry", "change", "root", "--public")
    assert ["visibility", "public"] in acme.lines("registry", "show", "root")


def test_an_empty_registry_is_deleted_unasked(acme: Commands) -> None:
    assert acme("registry", "delete", "acme/apps") == "deleted the registry acme/apps\n"
    assert acme.json("registry", "list", "--org", "acme") == []


@pytest.mark.usefixtures("acme")
@pytest.mark.parametrize(("typed", "status"), [("acme/apps", 0), ("acme", 2), ("", 2)])
def test_what_goes_with_its_contents_is_asked_for_by_name(typed: str, status: int) -> None:
    shown, found = answered(["registry", "delete", "acme/apps", "--with-contents"], typed)
    assert "every repository in it. Type acme/apps to go on: " in shown
    assert found == status


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["create", "acme/apps"], "there is a registry 'acme/apps' already"),
        (["create", "acme"], "a registry is named ORGANIZATION/REGISTRY, not 'acme'"),
        (["create", "acme/x/y"], "a registry is named ORGANIZATION/REGISTRY, not 'acme/x/y'"),
        (["create", "/c2"], "a registry is named ORGANIZATION/REGISTRY, not '/c2'"),
        (["create", "acme/"], "a registry is named ORGANIZATION/REGISTRY, not 'acme/'"),
        (["create", "acme/X"], "registry is lower-case letters"),
        (
            ["change", "acme/apps"],
            "there is nothing to change: say --name, --description, --emoji, --colour, --public or --private",
        ),
        (["create", "none/apps"], "there is no organization 'none'"),
        (["create", "acme/x", "--colour", "blue"], "colour is as #1f6feb"),
        (["show", "acme/none"], "there is no registry 'acme/none'"),
        (["delete", "root"], "the root registry cannot be deleted"),
        (["delete", "acme/apps", "--read-only"], "read_only is set: nothing is deleted or moved"),
        (["delete", "acme/apps", "--with-contents"], "this deletes the registry acme/apps and every repository"),
        (["list", "--org", "none"], "there is no organization 'none'"),
        (["token", "create", "acme/none"], "there is no registry 'acme/none'"),
        (["token", "revoke", "acme/apps", "none"], "acme/apps has no token 'none'"),
    ],
    ids=str,
)
def test_what_cannot_be_is_said_in_one_line(arguments: list[str], said: str, acme: Commands) -> None:
    assert acme.refused("registry", *arguments).startswith(said)


def test_the_secret_of_a_token_is_alone_on_standard_output(acme: Commands, capsys: pytest.CaptureFixture[str]) -> None:
    secret = acme("registry", "token", "create", "acme/apps", "--description", "cluster")
    assert secret.startswith("ocireg_registry_")
    assert secret.count("\n") == 1
    made = acme.json("registry", "token", "create", "acme/apps")
    assert capsys.readouterr().err == ""
    listed = acme.json("registry", "token", "list", "acme/apps")
    assert [one["description"] for one in listed] == ["cluster", ""]
    assert made["id"] == listed[1]["id"]
    shown = acme("registry", "token", "list", "acme/apps")
    assert "never" in shown
    assert secret.strip() not in shown + str(listed) + str(events("registry_token.create"))
    acme("registry", "token", "revoke", "acme/apps", made["id"])
    assert len(acme.json("registry", "token", "list", "acme/apps")) == 1


def test_a_quota_is_set_shown_and_taken_away(run: Commands) -> None:
    run("org", "create", "acme")
    run("registry", "create", "acme/apps")
    whole = {"name": "organization acme", "used": 0, "quota": 2 * 10**12, "percent": 0}
    assert run.json("org", "quota", "acme", "2TB") == [whole]
    registry = {"name": "acme/apps", "used": 0, "quota": 10**10, "percent": 0}
    assert run.json("registry", "quota", "acme/apps", "10GB") == [registry, whole]
    assert run.lines("registry", "quota", "acme/apps")[1] == ["acme/apps", "0", "Bytes", "9.3", "GiB", "0", "%"]
    run("registry", "quota", "acme/apps", "none")
    assert run.json("registry", "quota", "acme/apps")[0]["quota"] is None
    run("org", "quota", "acme", "none")
    assert [one.detail for one in events("quota.change")] == [
        {"quota": 2 * 10**12, "before": None},
        {"quota": 10**10, "before": None},
        {"quota": None, "before": 10**10},
        {"quota": None, "before": 2 * 10**12},
    ]


@pytest.mark.parametrize(
    ("size", "said"),
    [
        ("many", "wanted a number of bytes, as 4194304, 512MiB or 1TB, or none"),
        ("3TB", "the quota of organization acme is 1.8 TiB: no registry has more"),
        ("999999999TB", "a quota is 0 to 4611686018427387904 bytes"),
    ],
)
def test_a_quota_that_cannot_be_is_refused(run: Commands, size: str, said: str) -> None:
    run("org", "create", "acme")
    run("registry", "create", "acme/apps")
    run("org", "quota", "acme", "2TB")
    assert said in run.refused("registry", "quota", "acme/apps", size)
