"""Who has signed in to the pages."""

import json
import time
from dataclasses import dataclass
from typing import Any

from ocireg.metadata import window
from ocireg.metadata.database import Database
from ocireg.metadata.session_models import LoginSession
from ocireg.metadata.window import Window

MOST = 50
"""Sessions of one user; the oldest ends when there are more."""


@dataclass(frozen=True, slots=True)
class StoredSession:
    """A browser that somebody has signed in with. Times are seconds since the epoch, UTC.

    ``reference`` is that of the login, as JSON has it.
    """

    id: str
    user: str
    reference: list[Any]
    address: str
    agent: str
    created_at: float
    expires_at: float


_ROW = (
    LoginSession.id,
    LoginSession.user,
    LoginSession.reference,
    LoginSession.address,
    LoginSession.agent,
    LoginSession.created_at,
    LoginSession.expires_at,
)


def add(
    database: Database, session: str, user: str, reference: tuple[Any, ...], *, address: str, agent: str, seconds: float
) -> None:
    """Let a session begin, and those end that are over or too many. Inside a transaction."""
    now = time.time()
    database.run(LoginSession.delete().where(LoginSession.expires_at <= now))
    database.run(
        LoginSession.insert(
            id=session,
            user=user,
            reference=json.dumps(reference),
            address=address,
            agent=agent[:300],
            created_at=now,
            expires_at=now + seconds,
        )
    )
    of = LoginSession.select(LoginSession.id).where(LoginSession.user == user)
    kept = of.order_by(LoginSession.created_at.desc(), LoginSession.id).limit(MOST)
    database.run(LoginSession.delete().where(LoginSession.user == user, LoginSession.id.not_in(kept)))


def find(database: Database, session: str) -> StoredSession | None:
    """Return a session, over or not."""
    row = database.row(LoginSession.select(*_ROW).where(LoginSession.id == session))
    return _stored(row) if row else None


def of_user(database: Database, user: str) -> list[StoredSession]:
    """Return the sessions of a user that are not over, the newest first."""
    query = LoginSession.select(*_ROW).where(LoginSession.user == user, LoginSession.expires_at > time.time())
    return [_stored(row) for row in database.rows(query.order_by(LoginSession.created_at.desc(), LoginSession.id))]


def page_of_user(database: Database, user: str, which: Window) -> list[StoredSession]:
    """Return a window of the sessions of a user that are not over, by identifier."""
    query = LoginSession.select(*_ROW).where(LoginSession.user == user, LoginSession.expires_at > time.time())
    return [_stored(row) for row in window.rows(database, query, which, LoginSession.id)]


def remove(database: Database, session: str) -> None:
    """Let a session end. Inside a transaction."""
    database.run(LoginSession.delete().where(LoginSession.id == session))


def remove_by(database: Database, user: str, reference: tuple[Any, ...]) -> None:
    """Let those sessions of a user end that began with the credential of a reference. Inside a transaction."""
    kept = json.dumps(reference)
    database.run(LoginSession.delete().where(LoginSession.user == user, LoginSession.reference == kept))


def _stored(row: tuple[Any, ...]) -> StoredSession:
    session, user, reference, *rest = row
    return StoredSession(session, user, json.loads(reference), *rest)
