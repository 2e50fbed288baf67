"""``ocireg user``: who there is, and passwords that never stand on a command line."""

import io
import sys
from pathlib import Path

import pytest

from ocireg.auth import passwords
from ocireg.metadata import users
from ocireg.metadata.database import Database
from tests.cli.commanded import Commands, events
from tests.cli.terminal import answered


def kept(name: str) -> str | None:
    """Return what is kept of a password."""
    database = Database(Path("data/ocireg.db"))
    found = users.by_name(database, name)
    database.close()
    assert found is not None
    return found.password


def says(text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Put a text on standard input."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(text.encode("utf-8", "surrogateescape"))))


def test_a_password_comes_from_standard_input_and_is_kept_as_a_hash(
    run: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    says("correct horse\nmore\n", monkeypatch)
    made = run.json("user", "add", "alice", "--admin", "--password-stdin")
    assert {**made, "created_at": 0} == {"name": "alice", "admin": True, "password": True, "created_at": 0}
    assert passwords.fits("correct horse", kept("alice"))
    says("battery staple", monkeypatch)
    run("user", "password", "alice", "--password-stdin")
    assert passwords.fits("battery staple", kept("alice"))
    run("user", "password", "alice", "--no-password")
    assert kept("alice") is None
    assert [one.detail for one in events("user.change")] == [{"password": "changed"}, {"password": "removed"}]


def test_users_are_listed_shown_and_deleted(run: Commands) -> None:
    run("user", "add", "bob", "--no-password")
    run("org", "create", "acme", "--admin", "bob")
    assert [line[:3] for line in run.lines("user", "list")] == [
        ["user", "admin", "password"],
        ["admin", "yes", "no"],
        ["bob", "no", "no"],
    ]
    assert run.json("user", "show", "bob")["organizations"] == [{"organization": "acme", "role": "admin"}]
    assert ["organizations", "acme", "(admin)"] in run.lines("user", "show", "bob")
    run("user", "delete", "bob", "--yes")
    assert [one["name"] for one in run.json("user", "list")] == ["admin"]


@pytest.mark.parametrize(("typed", "status"), [("bob", 0), ("bo", 2), ("", 2)])
def test_the_name_of_one_who_goes_is_asked_for(typed: str, status: int, run: Commands) -> None:
    run("user", "add", "bob", "--no-password")
    assert run.refused("user", "delete", "nobody") == "there is no user 'nobody'"
    assert run.refused("user", "delete", "bob").endswith("say --yes, since there is no terminal to ask on")
    shown, found = answered(["user", "delete", "bob"], typed)
    assert "Type bob to go on: " in shown
    assert found == status
    assert ("bob" in run("user", "list")) == (status != 0)


def test_who_administers_is_said_and_one_stays(run: Commands) -> None:
    assert "the only one who administers" in run.refused("user", "admin", "admin", "no")
    assert "the only one who administers" in run.refused("user", "delete", "admin", "--yes")
    run("user", "add", "bob", "--no-password")
    run("user", "admin", "bob", "yes")
    run("user", "admin", "admin", "no")
    assert {one["name"]: one["admin"] for one in run.json("user", "list")} == {"admin": False, "bob": True}
    assert run.refused("user", "admin", "bob", "maybe") == "wanted yes or no, not 'maybe'"


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ("short\n", "a password has at least 10 characters"),
        ("", "a password has at least 10 characters"),
        ("x" * 1000, "a password has at most 256 characters"),
        ("\udcff" * 20, "the password is no text in UTF-8"),
    ],
    ids=["short", "none", "long", "bytes"],
)
def test_a_password_that_cannot_be_makes_nobody(
    typed: str, said: str, run: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    says(typed, monkeypatch)
    assert run.refused("user", "add", "alice", "--password-stdin") == said
    assert [one["name"] for one in run.json("user", "list")] == ["admin"]


def test_without_a_terminal_it_must_be_said_whence_the_password_comes(
    run: Commands, monkeypatch: pytest.MonkeyPatch
) -> None:
    says("correct horse\n", monkeypatch)
    assert run.refused("user", "add", "alice").startswith("say --password-stdin or --no-password")


@pytest.mark.usefixtures("run")
@pytest.mark.parametrize(("again", "status"), [("correct horse", 0), ("battery staple", 2)])
def test_on_a_terminal_it_is_asked_for_twice_and_not_shown(again: str, status: int) -> None:
    shown, found = answered(["user", "add", "alice"], "correct horse", again)
    assert found == status
    assert shown.startswith("Password: ")
    assert "horse" not in shown
