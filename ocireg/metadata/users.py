"""Users by name and by identifier."""

import secrets
import time
from dataclasses import dataclass

from ocireg.metadata import window
from ocireg.metadata.access_models import User
from ocireg.metadata.database import Database
from ocireg.metadata.searching import has
from ocireg.metadata.window import Window


@dataclass(frozen=True, slots=True)
class StoredUser:
    """A user: ``password`` is a hash, None where only tokens let in; ``created_at`` in seconds since the epoch, UTC."""

    id: str
    name: str
    password: str | None
    admin: bool
    created_at: float


_ROW = (User.id, User.name, User.password, User.admin, User.created_at)


def by_name(database: Database, name: str) -> StoredUser | None:
    """Return the user of that name."""
    found = database.row(User.select(*_ROW).where(User.name == name))
    return StoredUser(*found) if found else None


def by_id(database: Database, user: str) -> StoredUser | None:
    """Return the user."""
    found = database.row(User.select(*_ROW).where(User.id == user))
    return StoredUser(*found) if found else None


def page(database: Database, after: str = "", limit: int = 1000) -> list[StoredUser]:
    """Return up to ``limit`` users with names greater than ``after``, in order."""
    query = User.select(*_ROW).where(User.name > after).order_by(User.name).limit(limit)
    return [StoredUser(*row) for row in database.rows(query)]


def listed(database: Database, which: Window, search: str = "") -> list[StoredUser]:
    """Return a window of the users, by name, which has ``search`` in it."""
    query = User.select(*_ROW).where(has(search, User.name)) if search else User.select(*_ROW)
    return [StoredUser(*row) for row in window.rows(database, query, which, User.name)]


def there_are_any(database: Database) -> bool:
    """Say whether anybody has been made."""
    return database.row(User.select(User.id).limit(1)) is not None


def add(database: Database, name: str, *, password: str | None, admin: bool) -> str:
    """Make a user; return its identifier. Inside a transaction; the name is free."""
    new = secrets.token_hex(8)
    database.run(User.insert(id=new, name=name, password=password, admin=admin, created_at=time.time()))
    return new


def set_password(database: Database, user: str, password: str | None) -> None:
    """Replace the hash of the password. Inside a transaction."""
    database.run(User.update(password=password).where(User.id == user))


def set_admin(database: Database, user: str, *, admin: bool) -> None:
    """Say whether the user administers the instance. Inside a transaction."""
    database.run(User.update(admin=admin).where(User.id == user))


def admins(database: Database) -> list[str]:
    """Return the identifiers of those who administer the instance."""
    return [row[0] for row in database.rows(User.select(User.id).where(User.admin == True))]  # noqa: E712 - SQL


def remove(database: Database, user: str) -> None:
    """Forget the user, with memberships, grants and tokens. Inside a transaction."""
    database.run(User.delete().where(User.id == user))
