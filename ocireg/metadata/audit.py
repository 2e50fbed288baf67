"""The audit log: who did what, when and from where. Times are seconds since the epoch, UTC.

An event names things by text, so that it outlives them. All of its text may be a stranger's: it is bounded, and
without control characters, before it is written.
"""

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import reduce
from operator import or_
from types import MappingProxyType
from typing import Any

from peewee import fn

from ocireg.metadata.actions import ACTIONS
from ocireg.metadata.database import Database
from ocireg.metadata.models import AuditEvent, Organization
from ocireg.metadata.printable import object_text, printable
from ocireg.metadata.window import Window

AGENT = 200
"""Characters of a user agent; other texts have at most 300."""
DETAIL = 2048
"""Bytes of the detail, as JSON."""
ROOT = "root"
"""How the root registry is named."""
AT_ONCE = 500
"""Events of one statement, well below the variables that SQLite takes (32,766)."""


@dataclass(frozen=True, slots=True)
class Author:
    """Who does something: name, what they showed for it (never a secret), address, user agent.

    ``id`` tells one from another of the same name, and stays the same over logins; it is not written.
    """

    actor: str
    credential: str
    address: str
    agent: str
    id: str = ""

    @property
    def name(self) -> str:
        """The actor, fit to be kept."""
        return printable(self.actor)


SYSTEM = Author("system", "", "", "")
"""The registry itself."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened, at ``at`` (of None: when it is written). ``ValueError`` if the table has no such action.

    ``subject`` is what it happened to, where the other names do not say it: a tag, a digest, a user.
    """

    action: str
    author: Author
    organization: str | None = None
    registry: str | None = None
    repository: str | None = None
    subject: str | None = None
    outcome: str = "ok"
    detail: Mapping[str, object] = field(default_factory=lambda: MappingProxyType({}))
    at: float | None = None

    def __post_init__(self) -> None:
        if self.action not in ACTIONS:
            raise ValueError(f"{self.action!r} is no action of the audit log")


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as it was written. A later one has a greater ``id``."""

    id: int
    at: float
    action: str
    actor: str
    credential: str
    address: str
    agent: str
    organization: str | None
    registry: str | None
    repository: str | None
    subject: str | None
    outcome: str
    detail: Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Owned:
    """What an organization owns of the log: since it was made, as one of the same name may have been before."""

    slug: str
    since: float


_COLUMNS = tuple(getattr(AuditEvent, name) for name in StoredEvent.__slots__)


def write(database: Database, *events: Event) -> None:
    """Write events. Inside a transaction: they are as durable as the change that they tell of."""
    rows = [_row(_placed(database, one)) for one in events]
    for first in range(0, len(rows), AT_ONCE):
        database.run(AuditEvent.insert_many(rows[first : first + AT_ONCE]))


_PLACE = """
SELECT o.slug, g.slug FROM repository r JOIN registry g ON g.id = r.registry_id
LEFT JOIN organization o ON o.id = g.organization_id WHERE r.name = ?
"""


def _placed(database: Database, event: Event) -> Event:
    """Return an event of a repository with the organization and the registry that it is in, if it does not say."""
    if event.repository is None or event.registry is not None:
        return event
    found = database.fetch(_PLACE, event.repository)
    if found is None:
        return event
    organization, slug = found
    return replace(event, organization=organization, registry=f"{organization}/{slug}" if organization else ROOT)


def _row(event: Event) -> dict[str, object]:
    author = event.author
    optional = ("organization", "registry", "repository", "subject")
    return {
        "at": time.time() if event.at is None else event.at,
        "action": event.action,
        "actor": author.name,
        "credential": printable(author.credential),
        "address": printable(author.address),
        "agent": printable(author.agent, AGENT),
        **{name: None if (text := getattr(event, name)) is None else printable(text) for name in optional},
        **_owner(event),
        "outcome": printable(event.outcome),
        "detail": object_text(event.detail, DETAIL),
    }


def _owner(event: Event) -> dict[str, object]:
    """Return the organization that claims the repository of an event which names none, if one does at that time."""
    if event.organization is not None or event.repository is None:
        return {}
    first = event.repository.partition("/")[0]
    return {"organization": Organization.select(Organization.slug).where(Organization.slug == first)}


def page(
    database: Database,
    *,
    before: int | None,
    limit: int,
    action: str | None = None,
    actor: str | None = None,
    address: str | None = None,
    registry: str | None = None,
    repository: str | None = None,
    organization: str | None = None,
    within: Sequence[Owned] | None = None,
    since: float | None = None,
    until: float | None = None,
    newer_than: int | None = None,
) -> list[StoredEvent]:
    """Return up to ``limit`` events, the newest first: those that follow the event ``before``, or the first ones.

    With ``newer_than`` they end before that event, with ``within`` they are of these organizations.

    The order is that of their times, so that ``since`` and ``until`` (both included) are ends of an index; events of
    one instant have the order of their ids. After one that has been pruned follows nothing.
    """
    named = {"action": action, "actor": actor, "address": address, "registry": registry, "repository": repository}
    wanted = _wanted(**named, organization=organization, within=within)
    wanted += [] if since is None else [AuditEvent.at >= since]
    wanted += [] if newer_than is None else _newer(newer_than)
    last: Any = until
    if before is not None:
        other = AuditEvent.alias()
        of_before = other.select(other.at).where(other.id == before)
        wanted.append((AuditEvent.at != of_before) | (AuditEvent.id < before))
        last = of_before if until is None else fn.MIN(until, of_before)
    wanted += [] if last is None else [AuditEvent.at <= last]
    query = AuditEvent.select(*_COLUMNS).order_by(AuditEvent.at.desc(), AuditEvent.id.desc()).limit(limit)
    return _events(database, query.where(*wanted) if wanted else query)


def listed(database: Database, which: Window, **wanted: Any) -> list[StoredEvent]:
    """Return a window of the events, the newest first, by number; see ``page``."""
    if which.before is not None and which.after is None:
        return newer(database, than=which.before, limit=which.limit, **wanted)
    return page(database, before=which.after, newer_than=which.before, limit=which.limit, **wanted)


def newer(database: Database, *, than: int, limit: int, **wanted: Any) -> list[StoredEvent]:
    """Return up to ``limit`` events that come last before the event ``than``, the newest first; see ``page``."""
    since, until = wanted.pop("since", None), wanted.pop("until", None)
    which = [*_wanted(**wanted), *_newer(than)]
    which += [] if since is None else [AuditEvent.at >= since]
    which += [] if until is None else [AuditEvent.at <= until]
    query = AuditEvent.select(*_COLUMNS).where(*which).order_by(AuditEvent.at, AuditEvent.id).limit(limit)
    return _events(database, query)[::-1]


def _newer(than: int) -> list[Any]:
    other = AuditEvent.alias()
    of_than = other.select(other.at).where(other.id == than)
    return [AuditEvent.at >= of_than, (AuditEvent.at != of_than) | (AuditEvent.id > than)]


def following(
    database: Database,
    *,
    after: int,
    limit: int,
    action: str | None = None,
    actor: str | None = None,
    repository: str | None = None,
    organization: str | None = None,
) -> list[StoredEvent]:
    """Return up to ``limit`` events that were written after the event ``after``, in the order of being written.

    None is missed: ids grow from one transaction to the next, whatever the times of events are.
    """
    wanted = _wanted(action=action, actor=actor, repository=repository, organization=organization)
    query = AuditEvent.select(*_COLUMNS).where(AuditEvent.id > after, *wanted).order_by(AuditEvent.id).limit(limit)
    return _events(database, query)


def newest(database: Database) -> int:
    """Return the id of the event that was written last; 0 if there is none."""
    found = database.fetch("SELECT max(id) FROM audit_event")
    return int(found[0] or 0) if found else 0


def prune(database: Database, before: float, limit: int) -> int:
    """Delete up to ``limit`` events from before that time, the oldest first; return how many. Inside a transaction."""
    oldest = AuditEvent.select(AuditEvent.id).where(AuditEvent.at < before).order_by(AuditEvent.at).limit(limit)
    return database.run(AuditEvent.delete().where(AuditEvent.id.in_(oldest)))


def count_before(database: Database, before: float) -> int:
    """Return how many events are from before that time."""
    found = database.row(AuditEvent.select(fn.COUNT(AuditEvent.id)).where(AuditEvent.at < before))
    return int(found[0]) if found else 0


def _wanted(within: Sequence[Owned] | None = None, **columns: str | None) -> list[Any]:
    owned = [(AuditEvent.organization == one.slug) & (AuditEvent.at >= one.since) for one in within or ()]
    some = [] if within is None else [reduce(or_, owned) if owned else AuditEvent.id.is_null()]
    return [*some, *(getattr(AuditEvent, name) == value for name, value in columns.items() if value is not None)]


def _events(database: Database, query: Any) -> list[StoredEvent]:
    return [StoredEvent(*(*row[:-1], json.loads(row[-1]))) for row in database.rows(query)]
