"""``ocireg token``: API tokens of users."""

import time

import pytest

from ocireg.auth.scopes import SCOPES
from tests.cli.commanded import Commands, events


def test_the_secret_is_alone_on_standard_output_and_what_it_is_beside(
    run: Commands, capsys: pytest.CaptureFixture[str]
) -> None:
    from ocireg.cli import main  # noqa: PLC0415 - its standard error is looked at

    assert main(["token", "create", "--user", "admin", "--scope", "read_packages", "--network", "10.0.0.0/8"]) == 0
    shown = capsys.readouterr()
    secret = shown.out.splitlines()[-1]
    assert secret.startswith("ocireg_")
    assert "of admin: read_packages from 10.0.0.0/8, until it is revoked; it is not shown again" in shown.err
    assert secret not in shown.err
    assert secret not in run("token", "list", "--user", "admin") + run("token", "list", "--user", "admin", "--json")
    assert secret not in str(events("token.create"))


def test_a_token_has_scopes_networks_and_an_end(run: Commands) -> None:
    wanted = ["--scope", "write_packages,read_packages", "--scope", "delete_packages"]
    places = ["--network", "10.0.0.0/8", "--network", "2001:db8::/32"]
    made = run.json("token", "create", "--user", "admin", *wanted, *places, "--expires", "30d", "--description", "CI")
    assert made["secret"].startswith("ocireg_")
    assert made["scopes"] == ["read_packages", "write_packages", "delete_packages"]
    assert made["networks"] == ["10.0.0.0/8", "2001:db8::/32"]
    assert 29 < (made["expires_at"] - time.time()) / 86400 <= 30
    listed = run.json("token", "list", "--user", "admin")[-1]
    assert listed == {name: value for name, value in made.items() if name not in {"secret", "user"}}


def test_all_means_every_scope(run: Commands) -> None:
    assert run.json("token", "create", "--user", "admin", "--scope", "all")["scopes"] == list(SCOPES)
    assert [line[-1] for line in run.lines("token", "list", "--user", "admin")[2:]] == ["all"]


def test_a_revoked_token_is_not_there(run: Commands) -> None:
    made = run.json("token", "create", "--user", "admin", "--scope", "all")
    assert run("token", "revoke", made["id"]) == f"revoked {made['id']}\n"
    assert made["id"] not in run("token", "list", "--user", "admin")
    assert run.refused("token", "revoke", made["id"]) == f"there is no API token {made['id']!r}"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--user", "nobody", "--scope", "all"], "there is no user 'nobody'"),
        (["--user", "admin", "--scope", "everything"], "there is no scope 'everything': wanted all, read_packages, "),
        (["--user", "admin", "--scope", "all,typo"], "there is no scope 'typo': wanted all, "),
        (["--user", "admin", "--scope", "read_packages,"], "--scope 'read_packages,': a name is empty"),
        (["--user", "admin", "--scope", "all", "--scope", ",all"], "--scope ',all': a name is empty"),
        (["--user", "admin", "--scope", ""], "--scope '': a name is empty"),
        (["--user", "admin", "--scope", "all", "--expires", "soon"], "--expires 'soon': wanted a duration"),
        (["--user", "admin", "--scope", "all", "--expires", "0"], "--expires '0': wanted a duration above 0"),
        (["--user", "admin", "--scope", "all", "--expires", "999999999999999d"], "expires lies in the future, 36500"),
        (["--user", "admin", "--scope", "all", "--network", "here"], "wanted networks"),
        (["--user", "admin", "--scope", "all", "--description", "a\nb"], "description is one line"),
    ],
    ids=str,
)
def test_what_cannot_be_makes_no_token(arguments: list[str], said: str, run: Commands) -> None:
    assert run.refused("token", "create", *arguments).startswith(said)
    assert len(run.json("token", "list", "--user", "admin")) == 1
