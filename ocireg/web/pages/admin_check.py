"""The check of the database against the store, for whoever administers the instance."""

from collections.abc import Sequence
from typing import Any

from flask import Response, flash, jsonify, request
from wtforms import BooleanField

from ocireg.metadata.window import Window
from ocireg.registry.check.faults import SENTENCES
from ocireg.web.asked import Asked
from ocireg.web.pages import confirming, lists
from ocireg.web.pages.admin import CRUMB, MANAGE
from ocireg.web.pages.confirming import Question
from ocireg.web.pages.forms import Form
from ocireg.web.pages.rendering import go, render
from ocireg.web.pages.section import Section
from ocireg.web.windows import row_of

section = Section("admin_check")

CHECK = "/admin/check"
_CRUMBS = (CRUMB, ("Check", CHECK))
_SOON = "A serving process begins with it in a moment."
Numbered = tuple[int, dict[str, Any]]


class Reading(Form):
    """Whether everything is read again."""

    digests = BooleanField("Read every blob and manifest again, and compare its digest")


@section.page(CHECK, MANAGE)
def show_check(asked: Asked) -> Response:
    """Show how far a check is, what the last one found, and what can be asked for."""
    turns = asked.context.registry.check.turns
    last = turns.last()
    faults: list[Numbered] = list(enumerate(last.report.get("faults", ()), 1))
    return render(
        "admin_check.html",
        last=last,
        waiting=turns.asked() is not None,
        cut_off=not last.running and (last.began_at or 0) > (last.ended_at or 0),
        part=lists.part(lambda window: _within(faults, window), lambda one: str(one[0]), row_of),
        sentences={str(kind): text for kind, text in SENTENCES.items()},
        interval=asked.context.settings.check_interval,
    )


@section.page("/admin/check/progress", MANAGE)
def show_progress(asked: Asked) -> Response:
    """Say how far it is, for the bar."""
    turns = asked.context.registry.check.turns
    last = turns.last()
    told = last.progress
    by_size = bool(told.get("total_size"))
    return jsonify(
        state="pending" if last.running or turns.asked() is not None else "done",
        done=told.get("size" if by_size else "done", 0),
        size=told.get("total_size" if by_size else "total", 0),
    )


@section.action("/admin/check/start", MANAGE)
def start_check(asked: Asked) -> Response:
    """Check soon; the form says whether everything is read again."""
    asked.context.registry.check.ask(asked.author, digests="digests" in request.form)
    flash(f"The check was asked for. {_SOON}", "success")
    return go(CHECK)


@section.form("/admin/check/repair", MANAGE)
def repair(asked: Asked) -> Response:
    """Ask, and repair what is wrong."""
    form = Reading()
    check = asked.context.registry.check
    if form.is_taken(lambda: check.ask(asked.author, digests=bool(form.digests.data), repair=True)):
        flash(f"The repair was asked for. {_SOON}", "success")
        return go(CHECK)
    first = "Everything is checked once more. What can be mended from a sound copy is; nothing is deleted."
    second = (
        "Blobs and manifests that are missing, or are not what was pushed, are set aside: clients are told that they "
        "are not there, and the next push of each heals it in every repository."
    )
    lines = (first, second)
    return confirming.ask(Question("Repair what is wrong?", lines, "Check and repair", CHECK, _CRUMBS), form)


def _within(faults: list[Numbered], window: Window) -> Sequence[Numbered]:
    """Return a window of the faults, by their numbers."""
    after, before = window.after or 0, window.before
    found = [one for one in faults if one[0] > after and (before is None or one[0] < before)]
    backwards = before is not None and window.after is None
    return found[-window.limit :] if backwards else found[: window.limit]
