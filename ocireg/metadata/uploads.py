"""Upload sessions, and who may append to one: a claim is a lease, and every change is a compare-and-set on it.

A row survives the death of processes; after a loss of power it may be gone (BLOB_UPLOAD_UNKNOWN), which is never a
wrong blob.
"""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from peewee import JOIN, fn

from ocireg.metadata import window
from ocireg.metadata.access_models import User
from ocireg.metadata.database import Database
from ocireg.metadata.models import Repository, Upload
from ocireg.metadata.window import Window


@dataclass(frozen=True, slots=True)
class UploadRow:
    """An upload session: bytes received so far, and the driver's session and the hash states at that offset (JSON).

    ``settled``: no more will come, and the commit may have been done.
    """

    id: str
    repository: int
    size: int
    session: str
    hashes: str
    settled: bool = False


_ROW = (Upload.id, Upload.repository, Upload.size, Upload.session, Upload.hashes, Upload.settled)


def insert(database: Database, row: UploadRow, key: str, owner: str, *, expires_in: float) -> None:
    """Begin a session that is forgotten after ``expires_in`` seconds without progress. Inside a transaction."""
    now = database.now()
    values = {"id": row.id, "repository": row.repository, "size": row.size, "key": key, "session": row.session}
    values |= {"owner": owner}
    database.run(Upload.insert(**values, hashes=row.hashes, created_at=now, expires_at=now + expires_in))


def find(database: Database, repository: str, upload: str, owner: str) -> UploadRow | None:
    """Return the session if it is one of this repository and of this owner, and has not expired."""
    query = (
        Upload.select(*_ROW)
        .join(Repository, on=(Repository.id == Upload.repository))
        .where(
            Upload.id == upload,
            Repository.name == repository,
            Upload.owner == owner,
            Upload.expires_at > database.now(),
        )
    )
    found = database.row(query)
    return UploadRow(*found) if found else None


def is_claimed(database: Database, upload: str) -> bool:
    """Say whether a claim stands on the session that was not given up, though its lease may have run out."""
    return database.row(Upload.select(Upload.id).where(Upload.id == upload, Upload.claim.is_null(False))) is not None


def claim(database: Database, row: UploadRow, token: str, *, lease: float, successor: str = "") -> bool:
    """Take the session for ``lease`` seconds, if it is still as ``row`` says and nobody holds it. Inside a transaction.

    The size alone does not tell: a session that was taken over may have the same under another key. ``successor``: the
    key that it may have when it is moved, known from now on.
    """
    now = database.now()
    free = Upload.claim.is_null() | (Upload.claim_until < now)
    same = (Upload.size == row.size) & (Upload.session == row.session) & (Upload.settled == row.settled)
    query = Upload.update(claim=token, claim_until=now + lease, successor=successor or None)
    return database.run(query.where(Upload.id == row.id, same, free)) == 1


def renew(database: Database, upload: str, token: str, *, lease: float, expires_in: float) -> bool:
    """Hold the session for another ``lease`` seconds, if it is still held by ``token``. Inside a transaction.

    It gets on, and so it will not be forgotten for another ``expires_in`` seconds.
    """
    now = database.now()
    query = Upload.update(claim_until=now + lease, expires_at=now + expires_in)
    return database.run(query.where(Upload.id == upload, Upload.claim == token)) == 1


def move(database: Database, row: UploadRow, key: str, token: str, *, size_before: int, expires_in: float) -> bool:
    """Move the session to ``row``, if ``token`` holds it where it was. Inside a transaction.

    One that is settled is held on; another is let go of.
    """
    values = {"size": row.size, "key": key, "session": row.session, "hashes": row.hashes, "settled": row.settled}
    values |= {"successor": None}
    if not row.settled:
        values |= {"claim": None, "claim_until": 0}
    query = Upload.update(**values, expires_at=database.now() + expires_in)
    return database.run(query.where(Upload.id == row.id, Upload.claim == token, Upload.size == size_before)) == 1


def let_go(database: Database, upload: str, token: str, *, contested: bool) -> None:
    """Give up a claim and leave the session where it was. Inside a transaction.

    ``contested``: the claim stays, run out, so that the next one knows that a former writer may still be alive.
    """
    left = token if contested else None
    query = Upload.update(claim=left, claim_until=0, successor=None)
    database.run(query.where(Upload.id == upload, Upload.claim == token))


def begun(database: Database, upload: str) -> float:
    """Return when the session was begun; now, of one that is not there."""
    found = database.fetch("SELECT created_at FROM upload WHERE id = ?", upload)
    return float(found[0]) if found else database.now()


def owned(database: Database, owner: str) -> int:
    """Return how many sessions an owner has."""
    found = database.fetch("SELECT count(*) FROM upload WHERE owner = ?", owner)
    return int(found[0]) if found else 0


def exists(database: Database, upload: str) -> bool:
    """Say whether the session is there."""
    return database.row(Upload.select(Upload.id).where(Upload.id == upload)) is not None


def known(database: Database, keys: Collection[str]) -> set[str]:
    """Return those of ``keys`` that a session has, or may have when it is moved. One statement: it may be moved now."""
    wanted = list(keys)
    held, next_ = (Upload.select(key).where(key.in_(wanted)) for key in (Upload.key, Upload.successor))
    return {row[0] for row in database.rows(held | next_)}


def remove(database: Database, upload: str, token: str | None = None) -> bool:
    """Forget the session, if ``token`` holds it (of None: whoever holds it). Inside a transaction."""
    query = Upload.delete().where(Upload.id == upload)
    return database.run(query.where(Upload.claim == token) if token else query) == 1


def expired(database: Database, limit: int, *, idle: float | None = None) -> list[UploadRow]:
    """Return up to ``limit`` sessions that nobody holds and that have expired.

    ``idle`` counts instead those that were begun at least so many seconds ago.
    """
    query = Upload.select(*_ROW).where(*_expired(database, idle)).limit(limit)
    return [UploadRow(*row) for row in database.rows(query)]


@dataclass(frozen=True, slots=True)
class OpenUpload:
    """An upload under way, for whoever looks after all of them. Times are seconds since the epoch, UTC.

    ``owner`` is the name of a user, or what else began it; ``active``: a request is adding to it.
    """

    id: str
    repository: str
    owner: str
    size: int
    created_at: float
    expires_at: float
    active: bool


def listed(database: Database, which: Window) -> list[OpenUpload]:
    """Return a window of the uploads under way, by identifier."""
    name = fn.COALESCE(User.name, Upload.owner)
    active = Upload.claim.is_null(False) & (Upload.claim_until > database.now())
    query = (
        Upload.select(Upload.id, Repository.name, name, Upload.size, Upload.created_at, Upload.expires_at, active)
        .join(Repository, on=(Repository.id == Upload.repository))
        .switch(Upload)
        .join(User, JOIN.LEFT_OUTER, on=(Upload.owner == fn.CONCAT("user:", User.id)))
    )
    return [OpenUpload(*(*row[:-1], bool(row[-1]))) for row in window.rows(database, query, which, Upload.id)]


def by_id(database: Database, upload: str) -> tuple[UploadRow, str] | None:
    """Return an upload, whoever it belongs to, and the repository that it is for."""
    query = Upload.select(*_ROW, Repository.name).join(Repository, on=(Repository.id == Upload.repository))
    found = database.row(query.where(Upload.id == upload))
    return (UploadRow(*found[:-1]), found[-1]) if found else None


def under_way(database: Database) -> tuple[int, float | None]:
    """Return how many sessions there are, and when the oldest was begun (seconds since the epoch, UTC)."""
    found = database.fetch("SELECT count(*), min(created_at) FROM upload")
    return found or (0, None)


def count_expired(database: Database, *, idle: float | None = None) -> int:
    """Return how many sessions ``expired`` would return without a limit."""
    found = database.row(Upload.select(fn.COUNT(Upload.id)).where(*_expired(database, idle)))
    return int(found[0]) if found else 0


def remove_expired(database: Database, upload: str, *, idle: float | None = None) -> bool:
    """Forget the session if it is still expired and nobody holds it. Inside a transaction."""
    return database.run(Upload.delete().where(Upload.id == upload, *_expired(database, idle))) == 1


def _expired(database: Database, idle: float | None) -> tuple[Any, Any]:
    now = database.now()
    late = Upload.expires_at <= now if idle is None else Upload.created_at <= now - idle
    return late, Upload.claim_until < now
