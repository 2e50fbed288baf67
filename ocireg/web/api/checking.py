"""The check of the database against the store: how far it is, what the last one found, and one now."""

from typing import Any

from marshmallow import fields as base

from ocireg.registry.check import Check
from ocireg.registry.check.faults import Done, Kind
from ocireg.web.api import fields
from ocireg.web.api.collection import MANAGE
from ocireg.web.api.fields import Strict
from ocireg.web.api.nouns import Noun
from ocireg.web.asked import Asked

noun = Noun("Check", "Whether the store has what the database says, and nothing else.")


class Progress(Strict):
    """How far a check is."""

    stage = base.String(metadata={"example": "blobs"})
    done = base.Integer(metadata={"description": "Manifests and blobs that were looked at."})
    total = base.Integer()
    size = base.Integer(metadata={"description": "Bytes that were read again."})
    total_size = base.Integer(metadata={"description": "0 where none are."})


class Fault(Strict):
    """Something that is not as it should be."""

    kind = base.String(metadata={"enum": [str(one) for one in Kind]})
    what = base.String(metadata={"example": "blob"})
    key = base.String(metadata={"description": "Where it is in the store."})
    digest = base.String()
    wanted = base.Integer(allow_none=True, metadata={"description": "Bytes that were pushed."})
    found = base.Integer(allow_none=True, metadata={"description": "Bytes that the store has."})
    repositories = base.List(base.String(), metadata={"description": "The first of those that have it."})
    done = base.String(allow_none=True, metadata={"enum": [*(str(one) for one in Done), None]})
    text = base.String(metadata={"description": "More, where there is more to say."})


class Found(Strict):
    """What a check found. ``left`` of the faults are still there; the first thousand are named."""

    digests = base.Boolean()
    repair = base.Boolean()
    repository = base.String(metadata={"description": "The only one that was checked, if so."})
    blobs = base.Integer(metadata={"description": "Blobs that were looked at."})
    manifests = base.Integer(metadata={"description": "Manifests that were looked at."})
    size = base.Integer(metadata={"description": "Bytes that were read again."})
    counts = base.Dict(keys=base.String(), values=base.Integer(), metadata={"description": "Faults by kind."})
    left = base.Integer()
    faults = base.List(base.Nested(Fault))
    busy = base.Boolean(metadata={"description": "Another process took it over."})
    foreign = base.Boolean(metadata={"description": "The store is not marked as this database's."})
    whole = base.Boolean(metadata={"description": "It came to its end."})


class CheckState(Strict):
    """What the check is at, and what the last one found."""

    running = base.Boolean()
    waiting = base.Boolean(metadata={"description": "One was asked for and has not begun."})
    began_at = fields.time(allow_none=True)
    ended_at = fields.time(allow_none=True)
    progress = base.Nested(Progress, allow_none=True)
    last = base.Nested(Found, allow_none=True)


class CheckAsking(Strict):
    """How to check."""

    digests = fields.Flag(load_default=False, metadata={"description": "Read everything again."})
    repair = fields.Flag(load_default=False, metadata={"description": "Mend, or set aside until it is pushed again."})


@noun.operation("GET", "/check", MANAGE, answer=CheckState)
def show_check(asked: Asked) -> dict[str, Any]:
    """Show how far the check of the instance is, and what the last one found."""
    return _state(asked.context.registry.check)


@noun.operation("POST", "/check", MANAGE, body=CheckAsking, answer=CheckState, status=202)
def check_now(asked: Asked, body: dict[str, Any]) -> dict[str, Any]:
    """Check soon, in a serving process."""
    check = asked.context.registry.check
    check.ask(asked.author, digests=body["digests"], repair=body["repair"])
    return _state(check)


def _state(check: Check) -> dict[str, Any]:
    last = check.turns.last()
    return {
        "running": last.running,
        "waiting": check.turns.asked() is not None,
        "began_at": last.began_at,
        "ended_at": last.ended_at,
        "progress": (last.progress or None) if last.running else None,
        "last": last.report or None,
    }
