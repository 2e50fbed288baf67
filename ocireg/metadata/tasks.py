"""Work that one process of all nodes does at a time: who is at it, how far, how it went last, and who asked for it.

A row each. The lease is renewed by whoever works; a process that dies loses it after some seconds.
"""

import json
from dataclasses import dataclass
from typing import Any

from ocireg.metadata.database import Database

LONGEST = 3600.0
"""Seconds of a lease at most: one that ends later was taken while a clock was ahead, and is none."""


@dataclass(frozen=True, slots=True)
class LastRun:
    """When it began and ended last (seconds since the epoch, UTC), its report, and if it is ``running``, how far."""

    running: bool
    began_at: float | None
    ended_at: float | None
    progress: dict[str, Any]
    report: dict[str, Any]


def begin(database: Database, name: str, holder: str, *, lease: float) -> bool:
    """Become the one who does it, for ``lease`` seconds, if nobody else is. Inside a transaction."""
    now = database.now()
    sql = """
    UPDATE task SET holder = ?, held_until = ?, began_at = ?, progress = '{}', asked = NULL
    WHERE name = ? AND (holder IS NULL OR held_until < ? OR held_until > ?)
    """
    return database.change(sql, holder, now + lease, now, name, now, now + LONGEST) == 1


def hold(database: Database, name: str, holder: str, *, lease: float) -> bool:
    """Go on for another ``lease`` seconds, if nobody else has begun. Inside a transaction."""
    sql = "UPDATE task SET held_until = ? WHERE name = ? AND holder = ?"
    return database.change(sql, database.now() + lease, name, holder) == 1


def progress(database: Database, name: str, holder: str, said: dict[str, Any]) -> None:
    """Say how far it is. Inside a transaction."""
    database.change("UPDATE task SET progress = ? WHERE name = ? AND holder = ?", json.dumps(said), name, holder)


def end(database: Database, name: str, holder: str, report: dict[str, Any]) -> None:
    """Let others do it, and keep the report. Inside a transaction."""
    sql = "UPDATE task SET holder = NULL, held_until = 0, ended_at = ?, report = ? WHERE name = ? AND holder = ?"
    database.change(sql, database.now(), json.dumps(report), name, holder)


def last(database: Database, name: str) -> LastRun:
    """Return how it went last."""
    sql = "SELECT holder, held_until, began_at, ended_at, progress, report FROM task WHERE name = ?"
    found = database.fetch(sql, name)
    assert found is not None, "a migration wrote it"
    running = found[0] is not None and 0 <= found[1] - database.now() <= LONGEST
    return LastRun(running, found[2], found[3], json.loads(found[4]), json.loads(found[5]))


def ask(database: Database, name: str, arguments: dict[str, Any]) -> None:
    """Have it done soon, and so; who asks again before it began replaces what was asked for. Inside a transaction."""
    database.change("UPDATE task SET asked = ? WHERE name = ?", json.dumps(arguments), name)


def asked(database: Database, name: str) -> dict[str, Any] | None:
    """Return what was asked for and has not begun; None if nothing was."""
    found = database.fetch("SELECT asked FROM task WHERE name = ?", name)
    return None if found is None or found[0] is None else dict(json.loads(found[0]))


def release(database: Database) -> None:
    """Let nobody be at anything: whoever was is of another database. Inside a transaction."""
    database.change("UPDATE task SET holder = NULL, held_until = 0, asked = NULL")
