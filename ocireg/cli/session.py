"""What commands that change access share: the use-cases, whose change it is, and what is asked on a terminal."""

import argparse
import getpass
import os
import pwd
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ocireg.auth.manage import Manager
from ocireg.auth.passwords import LONGEST
from ocireg.cli.table import Argument
from ocireg.config import Loaded, Settings
from ocireg.errors import OperatorError
from ocireg.installation import manager_over, open_database
from ocireg.metadata.audit import Author
from ocireg.metadata.database import Database

OPERATOR = "operator"
"""The actor in the audit log of what is done by commands."""
_NO_TEXT = "the password is no text in UTF-8"
YES = Argument("--yes", "do not ask")


@dataclass(frozen=True, slots=True)
class Session:
    """One command's work on an installation."""

    settings: Settings
    database: Database
    manager: Manager
    by: Author

    def require_writable(self) -> None:
        """Raise ``OperatorError`` where what is in repositories must stay as it is."""
        if self.settings.read_only:
            raise OperatorError("read_only is set: nothing is deleted or moved", setting="read_only")


@contextmanager
def session(loaded: Loaded, arguments: argparse.Namespace) -> Iterator[Session]:
    """Open the installation's database; the store is not needed. ``OperatorError``."""
    _require_texts(arguments)
    database = open_database(loaded.settings)
    try:
        manager = manager_over(database, loaded.settings)
        yield Session(loaded.settings, database, manager, author(arguments.command))
    finally:
        database.close()


def _require_texts(arguments: argparse.Namespace) -> None:
    """Raise ``OperatorError`` for what the database cannot hold: bytes of a command line that are no UTF-8."""
    for one in vars(arguments).values():
        for text in one if isinstance(one, list) else [one]:
            if isinstance(text, str) and not _is_unicode(text):
                raise OperatorError(f"{text!r} is no text in UTF-8")


def _is_unicode(text: str) -> bool:
    return not any("\ud800" <= one <= "\udfff" for one in text)


def author(command: str) -> Author:
    """Return whose change it is: the operator's, by a command, as a user of this machine."""
    uid = os.geteuid()
    try:
        name = pwd.getpwuid(uid).pw_name
    except KeyError:
        name = f"uid {uid}"
    return Author(OPERATOR, f"command:{name}", "", f"ocireg {command}")


def confirm(what: str, name: str, *, yes: bool) -> None:
    """Let somebody type the name of what is about to go, unless that is said already. ``OperatorError``."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise OperatorError(f"this deletes {what}: say --yes, since there is no terminal to ask on")
    print(f"This deletes {what}. Type {name} to go on: ", end="", file=sys.stderr, flush=True)
    if sys.stdin.readline().strip() != name:
        raise OperatorError("nothing was deleted: that is not its name")


def password_of(arguments: argparse.Namespace) -> str | None:
    """Return a new password, None for none: from standard input or a terminal. ``OperatorError``."""
    if arguments.no_password:
        return None
    try:
        found = sys.stdin.readline(LONGEST * 2).rstrip("\r\n") if arguments.password_stdin else _typed()
    except UnicodeDecodeError:
        raise OperatorError(_NO_TEXT) from None
    if not _is_unicode(found):  # where the locale lets bytes pass that are none
        raise OperatorError(_NO_TEXT)
    return found


def _typed() -> str:
    """Return a password that was typed twice."""
    if not sys.stdin.isatty():
        raise OperatorError("say --password-stdin or --no-password, since there is no terminal to ask on")
    try:
        first = getpass.getpass("Password: ")
        again = getpass.getpass("The same again: ")
    except EOFError:
        raise OperatorError("no password was typed") from None
    if first != again:
        raise OperatorError("these are two passwords: nothing was changed")
    return first


PASSWORD = (
    Argument("--password-stdin", "read the password from standard input, a line", one_of="password"),
    Argument("--no-password", "have none: tokens alone let in", one_of="password"),
)
