"""Snapshots of the database: those in the store, how the last one went, and one now."""

from typing import Any

from marshmallow import fields as base

from ocireg.auth.access import Action
from ocireg.registry.backups import ASKED, Snapshot
from ocireg.web.api import fields
from ocireg.web.api.fields import Strict
from ocireg.web.api.nouns import Noun
from ocireg.web.asked import Asked
from ocireg.web.doors import Door

MANAGE = Door(Action.MANAGE_INSTANCE)

noun = Noun("Backups", "Snapshots of the database in the store. One is put back by ``ocireg restore`` alone.")


class Stored(Strict):
    """A snapshot in the store."""

    name = base.String(metadata={"example": "20260501T120000Z-1a2b3c4d"})
    taken_at = fields.time()
    reason = base.String(metadata={"description": "interval, asked or migration", "example": "interval"})
    migration = base.String(metadata={"description": "The newest one that the database had."})
    version = base.String(metadata={"description": "Of the program that took it."})
    size = base.Integer(metadata={"description": "Bytes of the database."})
    stored = base.Integer(metadata={"description": "Bytes that it takes in the store."})
    sha256 = base.String(metadata={"description": "Of the database."})
    repositories = base.Integer()
    manifests = base.Integer()
    blobs = base.Integer()


class BackupState(Strict):
    """What there is, the newest first; and how the last one went: ``failed`` says why it did not."""

    running = base.Boolean()
    began_at = fields.time(allow_none=True)
    ended_at = fields.time(allow_none=True)
    failed = base.String(allow_none=True)
    behind = base.String(
        allow_none=True,
        metadata={"description": "Why the database may not know all that was pushed: ocireg rebuild is to be run."},
    )
    snapshots = base.List(base.Nested(Stored))


@noun.operation("GET", "/backups", MANAGE, answer=BackupState)
def show_backups(asked: Asked) -> dict[str, Any]:
    """Show the snapshots of the database that are in the store, and how the last one went."""
    return _state(asked)


@noun.operation("POST", "/backups", MANAGE, answer=BackupState, status=202)
def back_up_now(asked: Asked) -> dict[str, Any]:
    """Take a snapshot soon, without waiting for the interval."""
    asked.context.registry.backups.turns.ask(reason=ASKED)
    return _state(asked)


def _state(asked: Asked) -> dict[str, Any]:
    backups = asked.context.registry.backups
    last = backups.turns.last()
    return {
        "running": last.running,
        "began_at": last.began_at,
        "ended_at": last.ended_at,
        "failed": last.report.get("failed"),
        "behind": backups.behind(),
        "snapshots": [_shown(one) for one in backups.listed()],
    }


def _shown(one: Snapshot) -> dict[str, Any]:
    """Return what is told of a snapshot; where it lies in the store is nobody's business."""
    return {name: getattr(one, name) for name in Stored().fields}
