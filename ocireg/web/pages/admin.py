"""The administration of an instance: what there is, and what it takes."""

from flask import Response

from ocireg.auth.access import Action
from ocireg.metadata import usage
from ocireg.web import overview
from ocireg.web.asked import Asked
from ocireg.web.doors import Door
from ocireg.web.pages.rendering import render
from ocireg.web.pages.section import Section

section = Section("admin")

MANAGE = Door(Action.MANAGE_INSTANCE)
MANAGE_WHOLE = Door(Action.MANAGE_INSTANCE, whole=True)
"""For what could make more of a credential than it is: passwords, tokens, other admins."""
CRUMB = ("Administration", "/admin")
LARGEST = 10
"""Registries that the overview names."""


@section.page("/admin", MANAGE)
def show_overview(asked: Asked) -> Response:
    """Show what there is, and what it takes."""
    database = asked.context.database
    return render(
        "admin.html",
        here_is=overview.of(asked.context),
        settings=asked.context.settings,
        usage=usage.of_instance(database),
        population=usage.population(database),
        largest=usage.largest(database, LARGEST),
    )
