"""Garbage collection: how the last one went, what waits for the next ones, what would go now, and one at once."""

from flask import Response, flash, request

from ocireg.registry.collection import Collection
from ocireg.registry.collector import Collector
from ocireg.web.asked import Asked
from ocireg.web.pages import confirming
from ocireg.web.pages.admin import CRUMB, MANAGE
from ocireg.web.pages.confirming import Question
from ocireg.web.pages.rendering import go, render
from ocireg.web.pages.section import Section

section = Section("admin_collection")

COLLECTION = "/admin/collection"
NAMED = 100
"""Manifests that a trial shows."""
WAITS_FOR = {
    "deleted": "Deleted by somebody, or with what it was a part of",
    "followed": "Attached to what is gone",
    "pushed": "Pushed or asked for lately: protected",
    "released": "Blobs of what is gone",
    "untagged": "No tag leads to it",
}
_CRUMBS = (CRUMB, ("Garbage collection", COLLECTION))


@section.page(COLLECTION, MANAGE)
def show_collection(asked: Asked) -> Response:
    """Show how the last collection went, and what waits."""
    return _shown(asked)


@section.action(f"{COLLECTION}/trial", MANAGE)
def try_collection(asked: Asked) -> Response:
    """Show what would go now, without the grace where that is asked for; nothing goes."""
    now = bool(request.form.get("now"))
    return _shown(asked, asked.context.registry.collector.trial(now=now), now=now)


@section.action(f"{COLLECTION}/start", MANAGE)
def start_collection(asked: Asked) -> Response:
    """Have what is due collected soon."""
    return _started(asked.context.registry.collector, now=False)


@section.form(f"{COLLECTION}/now", MANAGE)
def collect_now(asked: Asked) -> Response:
    """Ask, and have what was deleted collected without its grace."""
    collector = asked.context.registry.collector
    if request.method == "POST":
        return _started(collector, now=True)
    lines = (
        "What was deleted goes at once, and can be restored from the history of tags no more.",
        "What has no tag because it moved, what was pushed lately, and what something keeps all stay.",
    )
    return confirming.ask(
        Question("Collect what was deleted now?", lines, "Collect without the grace", COLLECTION, _CRUMBS)
    )


def _started(collector: Collector, *, now: bool) -> Response:
    collector.turns.ask(now=now)
    flash("A collection begins in some seconds: load the page again to see how it went.", "success")
    return go(COLLECTION)


def _shown(asked: Asked, trial: Collection | None = None, *, now: bool = False) -> Response:
    collector = asked.context.registry.collector
    waiting = [
        (WAITS_FOR.get(reason, reason), count, since) for reason, (count, since) in sorted(collector.waiting().items())
    ]
    return render(
        "admin_collection.html",
        last=collector.turns.last(),
        waiting=waiting,
        next_due=collector.next_due(),
        settings=asked.context.settings,
        most=NAMED,
        trial=trial,
        now=now,
    )
