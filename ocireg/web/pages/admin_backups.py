"""Snapshots of the database, for whoever administers the instance."""

from flask import Response, flash

from ocireg.metadata.window import Window
from ocireg.registry.backups import ASKED, Snapshot
from ocireg.web.asked import Asked
from ocireg.web.pages import lists
from ocireg.web.pages.admin import MANAGE
from ocireg.web.pages.rendering import go, render
from ocireg.web.pages.section import Section

section = Section("admin_backups")

BACKUPS = "/admin/backups"


@section.page(BACKUPS, MANAGE)
def list_backups(asked: Asked) -> Response:
    """List the snapshots in the store, and say how the last one went."""
    backups = asked.context.registry.backups
    found = sorted(backups.listed(), key=lambda one: one.name, reverse=True)
    return render(
        "admin_backups.html",
        part=lists.part(lambda window: _window(found, window), lambda one: one.name),
        last=backups.turns.last(),
        waits=backups.turns.asked() is not None,
        behind=backups.behind(),
        settings=asked.context.settings,
    )


@section.action(BACKUPS, MANAGE)
def back_up(asked: Asked) -> Response:
    """Have a snapshot taken soon."""
    asked.context.registry.backups.turns.ask(reason=ASKED)
    flash("A snapshot is being taken. It is listed here when it is in the store.", "success")
    return go(BACKUPS)


def _window(found: list[Snapshot], which: Window) -> list[Snapshot]:
    """Return a window of snapshots, whose names are in order of time, the newest first."""
    if which.before is not None and which.after is None:
        return [one for one in found if one.name > which.before][-which.limit :]
    return [one for one in found if which.after is None or one.name < which.after][: which.limit]
