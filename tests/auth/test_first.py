"""What a start sees to: that somebody can log in, whatever the last start came to, and with which token."""

import logging
from dataclasses import dataclass
from pathlib import Path

import pytest

from ocireg.app import initialise
from ocireg.auth import first
from ocireg.auth.login import Login, Refused, log_in
from ocireg.auth.scopes import EVERY_SCOPE, SCOPES
from ocireg.installation import Installation
from ocireg.metadata import credentials, users
from ocireg.metadata.audit import SYSTEM, page
from tests.settings import settings_for

CHOSEN, NEXT = "chosen-by-the-operator", "chosen-at-a-later-time"


@dataclass(frozen=True, slots=True)
class Begun:
    """An installation after a start."""

    installed: Installation
    secret: str | None

    def log_in(self, secret: str) -> Login:
        return log_in(self.installed.access.roster.now(), lambda *_: pytest.fail("no JWT"), "x", secret, None)


def start(folder: Path, **settings: str) -> Begun:
    """Start, as every process does."""
    chosen = settings_for(folder, **{"open": "false", **settings})
    done = initialise(chosen)
    return Begun(Installation.open(chosen), done.secret)


def test_the_first_start_makes_an_admin_whose_token_is_shown_once(tmp_path: Path) -> None:
    begun = start(tmp_path)
    assert begun.secret is not None
    found = begun.log_in(begun.secret).actor
    assert (found.name, found.admin, found.scopes) == ("admin", True, EVERY_SCOPE)
    assert start(tmp_path).secret is None
    assert begun.log_in(begun.secret).actor.name == "admin"


def test_where_everything_is_open_nobody_is_made(tmp_path: Path) -> None:
    begun = start(tmp_path, open="true")
    assert begun.secret is None
    assert not users.there_are_any(begun.installed.database)


def test_the_token_of_the_setting_is_the_admins_and_is_not_shown(tmp_path: Path) -> None:
    begun = start(tmp_path, admin_token=CHOSEN)
    assert begun.secret is None
    assert begun.log_in(CHOSEN).actor.admin
    written = begun.installed.settings.database_path.read_bytes()
    assert CHOSEN.encode() not in written
    assert CHOSEN not in repr(page(begun.installed.database, before=None, limit=100))


def test_another_token_of_the_setting_takes_the_place_of_the_former(tmp_path: Path) -> None:
    start(tmp_path, admin_token=CHOSEN)
    begun = start(tmp_path, admin_token=NEXT)
    assert begun.log_in(NEXT).actor.admin
    with pytest.raises(Refused):
        begun.log_in(CHOSEN)


@pytest.mark.parametrize("case", ["admin is demoted", "a token that reads", "a token of another"])
def test_a_token_of_the_setting_that_administers_nothing_is_warned_of(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, case: str
) -> None:
    manager = start(tmp_path, admin_token=CHOSEN).installed.access.manager
    manager.users.create(SYSTEM, "another", admin=case == "admin is demoted")
    chosen = CHOSEN
    if case == "admin is demoted":
        manager.users.set_admin(SYSTEM, "admin", admin=False)
    elif case == "a token that reads":
        chosen = manager.tokens.create(SYSTEM, "admin", scopes=["read_packages"]).secret
    else:
        chosen = manager.tokens.create(SYSTEM, "another", scopes=SCOPES).secret
    with caplog.at_level(logging.WARNING):
        start(tmp_path, admin_token=NEXT if case == "admin is demoted" else CHOSEN)
        warned = "does not administer" in caplog.text
        assert warned == (case == "admin is demoted")
        start(tmp_path, admin_token=chosen)
    assert "does not administer" in caplog.text
    assert chosen not in caplog.text


def test_without_the_setting_its_token_is_revoked(tmp_path: Path) -> None:
    start(tmp_path, admin_token=CHOSEN)
    begun = start(tmp_path)
    with pytest.raises(Refused):
        begun.log_in(CHOSEN)


def test_a_setting_that_stays_changes_nothing_at_the_next_start(tmp_path: Path) -> None:
    begun = start(tmp_path, admin_token=CHOSEN)
    before = begun.installed.access.roster.now().generation
    again = start(tmp_path, admin_token=CHOSEN)
    assert again.installed.access.roster.now().generation == before


def test_a_setting_that_names_a_token_that_was_made_here_revokes_the_former_setting_all_the_same(
    tmp_path: Path,
) -> None:
    begun = start(tmp_path, admin_token=CHOSEN)
    made = begun.installed.access.manager.tokens.create(SYSTEM, "admin", scopes=["read_packages"])
    again = start(tmp_path, admin_token=made.secret)
    assert again.log_in(made.secret).actor.name == "admin"
    with pytest.raises(Refused):
        again.log_in(CHOSEN)
    start(tmp_path, admin_token=made.secret)
    with pytest.raises(Refused):
        start(tmp_path).log_in(CHOSEN)


def test_a_first_start_that_is_cut_off_makes_all_or_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user without its token would let nobody in, and keep the next start from making another."""

    class CutOff(BaseException):
        pass

    def cut_off(*_: object, **__: object) -> str:
        raise CutOff

    with monkeypatch.context() as patched:
        patched.setattr(credentials, "add_api_token", cut_off)
        with pytest.raises(CutOff):
            start(tmp_path)
    again = start(tmp_path)
    assert again.secret is not None
    assert again.log_in(again.secret).actor.admin


@pytest.mark.parametrize("who", [first.ADMIN, "somebody"])
def test_where_there_is_a_user_nobody_is_made(tmp_path: Path, who: str) -> None:
    start(tmp_path, open="true").installed.access.manager.users.create(SYSTEM, who, password="a long password")
    begun = start(tmp_path)
    assert begun.secret is None
    assert [one.name for one in users.page(begun.installed.database)] == [who]


def test_the_audit_log_has_what_a_start_did(tmp_path: Path) -> None:
    start(tmp_path)
    start(tmp_path, admin_token=CHOSEN)
    begun = start(tmp_path, admin_token=NEXT)
    events = page(begun.installed.database, before=None, limit=100)[::-1]
    assert [one.action for one in events] == [
        "user.create",
        "token.create",
        "token.create",
        "token.revoke",
        "token.create",
    ]
    assert {one.actor for one in events} == {"system"}


def test_a_start_with_another_key_is_warned_of(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    start(tmp_path, secret_key="a" * 32)
    with caplog.at_level(logging.WARNING):
        start(tmp_path, secret_key=f"{'a' * 32},{'b' * 32}")
        assert not caplog.records, "the former key is still believed"
        start(tmp_path, secret_key="c" * 32)
    assert "tokens were signed with another key before" in caplog.text
    assert "c" * 32 not in caplog.text


def test_every_start_with_the_same_key_is_silent(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(3):
            start(tmp_path)
    assert not caplog.records
