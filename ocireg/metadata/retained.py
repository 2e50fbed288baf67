"""What retention works on: policies of registries as texts, tags as it judges them, and what has changed meanwhile."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ocireg.metadata.database import Database
from ocireg.metadata.keepers import subject_of

AT_ONCE = 10_000
"""Tags that one statement reads."""
STARTS = 500
"""Digests that one statement looks for."""


@dataclass(frozen=True, slots=True)
class StoredPolicy:
    """The policy of a registry, of which the row is ``registry``, and the ``report`` of when it was followed last.

    ``asked``: somebody asked for it to be followed soon. ``ran_at``: seconds since the epoch, UTC; None is never.
    """

    registry: int
    text: str
    asked: bool
    ran_at: float | None
    report: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Tagged:
    """A tag as retention judges it: ``row`` and ``digest`` of its manifest, and when that was pulled last.

    Times are seconds since the epoch, UTC.
    """

    name: str
    row: int
    digest: str
    pushed_at: float
    pulled_at: float | None


_POLICY = "SELECT registry_id, policy, asked, ran_at, report FROM retention"
_PUT = """
INSERT INTO retention (registry_id, policy, untagged) VALUES (?, ?, ?)
ON CONFLICT (registry_id) DO UPDATE SET policy = excluded.policy, untagged = excluded.untagged
"""
_OVER = """
SELECT e.policy FROM repository r JOIN retention e ON e.registry_id = r.registry_id WHERE r.id = ? AND r.name = ?
"""
_TAGS = """
SELECT t.name, m.id, m.digest, t.pushed_at, m.pulled_at FROM tag t JOIN manifest m ON m.id = t.manifest_id
WHERE t.repository_id = ?
"""


def find(database: Database, registry: int) -> StoredPolicy | None:
    """Return the policy of a registry."""
    found = database.fetch(f"{_POLICY} WHERE registry_id = ?", registry)
    return _stored(found) if found else None


def put(database: Database, registry: int, text: str, untagged: float | None) -> None:
    """Let a registry have a policy; triggers keep ``untagged`` (seconds) with what waits. Inside a transaction."""
    database.change(_PUT, registry, text, untagged)


def remove(database: Database, registry: int) -> bool:
    """Take the policy of a registry away; say whether it had one. Inside a transaction."""
    return database.change("DELETE FROM retention WHERE registry_id = ?", registry) == 1


def due(database: Database, before: float | None) -> list[StoredPolicy]:
    """Return those that were asked for, and with ``before`` those not followed since, the longest ago first."""
    where = "WHERE asked = 1 OR (? IS NOT NULL AND coalesce(ran_at, 0) <= ?) ORDER BY coalesce(ran_at, 0), registry_id"
    return [_stored(row) for row in database.fetch_all(f"{_POLICY} {where}", before, before)]


def ask(database: Database, registry: int) -> None:
    """Have the policy of a registry followed soon. Inside a transaction."""
    database.change("UPDATE retention SET asked = 1 WHERE registry_id = ?", registry)


def ran(database: Database, registry: int, report: dict[str, Any]) -> None:
    """Keep how it went. Inside a transaction."""
    sql = "UPDATE retention SET asked = 0, ran_at = ?, report = ? WHERE registry_id = ?"
    database.change(sql, database.now(), json.dumps(report), registry)


def policy_over(database: Database, repository: int, name: str) -> str | None:
    """Return the text of the policy that is over a repository now; None, too, where it has another name."""
    found = database.fetch(_OVER, repository, name)
    return str(found[0]) if found else None


def repository(database: Database, registry: int, name: str) -> int | None:
    """Return the row of a repository of a registry."""
    found = database.fetch("SELECT id FROM repository WHERE registry_id = ? AND name = ?", registry, name)
    return int(found[0]) if found else None


def repositories(database: Database, registry: int, after: str, limit: int) -> list[tuple[int, str]]:
    """Return up to ``limit`` repositories of a registry that have tags, with names greater than ``after``."""
    sql = "SELECT id, name FROM repository WHERE registry_id = ? AND tags > 0 AND name > ? ORDER BY name LIMIT ?"
    return [(row[0], row[1]) for row in database.fetch_all(sql, registry, after, limit)]


def tags(database: Database, repository: int) -> list[Tagged]:
    """Return the tags of a repository, by name. Others write meanwhile: the list is not of one moment."""
    found: list[Tagged] = []
    sql = f"{_TAGS} AND t.name > ? ORDER BY t.name LIMIT ?"
    while True:
        rows = database.fetch_all(sql, repository, found[-1].name if found else "", AT_ONCE)
        found += [Tagged(*row) for row in rows]
        if len(rows) < AT_ONCE:
            return found


def named(database: Database, repository: int, names: Sequence[str]) -> dict[str, Tagged]:
    """Return those of some tags that are there, by name."""
    sql = f"{_TAGS} AND t.name IN ({_marks(names)})"
    return {row[0]: Tagged(*row) for row in database.fetch_all(sql, repository, *names)}


def following(database: Database, repository: int, names: Sequence[str]) -> set[str]:
    """Return those names of tags that stand for a subject which the repository has."""
    starts: dict[str, list[str]] = {}
    for name in names:
        if start := subject_of(name):
            starts.setdefault(start, []).append(name)
    wanted, found = sorted(starts), set[str]()
    for place in range(0, len(wanted), STARTS):
        some = wanted[place : place + STARTS]
        for row in database.fetch_all(_subjects(len(some)), *some, repository):
            found.update(starts[row[0]])
    return found


def newest_change(database: Database, repository: int) -> int:
    """Return the number of the last change of a tag of a repository."""
    found = database.fetch("SELECT coalesce(max(id), 0) FROM tag_event WHERE repository_id = ?", repository)
    return int(found[0]) if found else 0


def changed(database: Database, repository: int, since: int, limit: int) -> set[str]:
    """Return the tags that the changes after that number are of; of no more changes than ``limit``."""
    sql = "SELECT name FROM tag_event WHERE repository_id = ? AND id > ? ORDER BY id LIMIT ?"
    return {row[0] for row in database.fetch_all(sql, repository, since, limit)}


def _subjects(count: int) -> str:
    """Return what finds the beginnings of digests that manifests of a repository have."""
    values = ", ".join(["(?)"] * count)
    return (
        f"WITH wanted (start) AS (VALUES {values}) SELECT start FROM wanted WHERE EXISTS ("  # noqa: S608 - marks alone
        "SELECT 1 FROM manifest WHERE repository_id = ? AND digest >= start AND digest < start || 'g')"
    )


def _marks(names: Sequence[str]) -> str:
    return ", ".join("?" * len(names))


def _stored(row: Sequence[Any]) -> StoredPolicy:
    return StoredPolicy(row[0], row[1], bool(row[2]), row[3], json.loads(row[4]))
