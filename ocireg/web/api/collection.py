"""Garbage collection: how the last one went, what waits, and one now."""

from typing import Any

from marshmallow import fields as base

from ocireg.auth.access import Action
from ocireg.registry.collector import Collector
from ocireg.web.api import fields
from ocireg.web.api.fields import Strict
from ocireg.web.api.nouns import Noun
from ocireg.web.asked import Asked
from ocireg.web.doors import Door

MANAGE = Door(Action.MANAGE_INSTANCE)

noun = Noun("Garbage collection", "What nothing keeps is collected by itself, and its bytes some time later.")


class Queue(Strict):
    """Manifests and blobs that may have lost their last use for one reason, and since when the first of them waits."""

    reason = base.String(metadata={"example": "deleted"})
    count = base.Integer()
    since = fields.time()


class Collection(Strict):
    """What a collection did."""

    manifests = base.Integer(metadata={"description": "Manifests that nothing kept."})
    links = base.Integer(metadata={"description": "Blobs that a repository forgot."})
    blobs = base.Integer(metadata={"description": "Those of them that no repository has now."})
    size = base.Integer(metadata={"description": "Their bytes, which go when orphan_grace has passed."})
    reviewed = base.Integer(metadata={"description": "Manifests and blobs that were looked at."})
    kept = base.Integer(metadata={"description": "Those of them that something keeps, or keeps for now."})


class CollectionState(Strict):
    """What garbage collection is at; ``next_due`` is when the first that waits may go, if nothing keeps it."""

    running = base.Boolean()
    began_at = fields.time(allow_none=True)
    ended_at = fields.time(allow_none=True)
    last = base.Nested(Collection, allow_none=True, metadata={"description": "What the last one did."})
    next_due = fields.time(allow_none=True)
    waiting = base.List(base.Nested(Queue))


class CollectionAsking(Strict):
    """How to collect."""

    now = fields.Flag(load_default=False, metadata={"description": "Without the grace of what was deleted."})


@noun.operation("GET", "/gc", Door(Action.READ_ORGANIZATION), answer=CollectionState)
def show_collection(asked: Asked) -> dict[str, Any]:
    """Show how the last garbage collection of the instance went, and what waits for the next ones."""
    return _state(asked.context.registry.collector)


@noun.operation("POST", "/gc", MANAGE, body=CollectionAsking, answer=CollectionState, status=202)
def collect_now(asked: Asked, body: dict[str, Any]) -> dict[str, Any]:
    """Collect soon, without waiting for the interval, nor with ``now`` for the grace of what was deleted."""
    collector = asked.context.registry.collector
    collector.turns.ask(now=body["now"])
    return _state(collector)


def _state(collector: Collector) -> dict[str, Any]:
    last = collector.turns.last()
    waiting = [
        {"reason": reason, "count": count, "since": since}
        for reason, (count, since) in sorted(collector.waiting().items())
    ]
    shown = {"running": last.running, "began_at": last.began_at, "ended_at": last.ended_at}
    return {**shown, "last": last.report or None, "next_due": collector.next_due(), "waiting": waiting}
