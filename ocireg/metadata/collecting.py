"""Who collects garbage now, in all processes and on all nodes, and how the last collection went. One row has it."""

import json
from dataclasses import dataclass
from typing import Any

from ocireg.metadata.database import Database


@dataclass(frozen=True, slots=True)
class LastCollection:
    """When the last collection began and ended (seconds since the epoch, UTC), its report, and if it is ``running``."""

    running: bool
    began_at: float | None
    ended_at: float | None
    report: dict[str, Any]


def begin(database: Database, holder: str, *, lease: float) -> bool:
    """Become the one who collects, for ``lease`` seconds, if nobody else is. Inside a transaction."""
    now = database.now()
    sql = "UPDATE collection SET holder = ?, held_until = ?, began_at = ? WHERE holder IS NULL OR held_until < ?"
    return database.change(sql, holder, now + lease, now, now) == 1


def hold(database: Database, holder: str, *, lease: float) -> bool:
    """Go on for another ``lease`` seconds, if nobody else has begun. Inside the transaction that collects."""
    sql = "UPDATE collection SET held_until = ? WHERE holder = ?"
    return database.change(sql, database.now() + lease, holder) == 1


def end(database: Database, holder: str, report: dict[str, Any]) -> None:
    """Let others collect, and keep the report. Inside a transaction."""
    sql = "UPDATE collection SET holder = NULL, held_until = 0, ended_at = ?, report = ? WHERE holder = ?"
    database.change(sql, database.now(), json.dumps(report), holder)


def last(database: Database) -> LastCollection:
    """Return how the last collection went."""
    found = database.fetch("SELECT holder, held_until, began_at, ended_at, report FROM collection")
    assert found is not None, "the migration wrote it"
    running = found[0] is not None and found[1] >= database.now()
    return LastCollection(running, found[2], found[3], json.loads(found[4]))
