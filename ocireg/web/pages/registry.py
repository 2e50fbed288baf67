"""A registry: its images, and how to put some there."""

from flask import Response

from ocireg.auth.access import Action, may
from ocireg.auth.actor import Kind
from ocireg.auth.exchange import audience
from ocireg.auth.places import target_of
from ocireg.metadata import holdings, quotas
from ocireg.metadata.repositories import EVERYTHING
from ocireg.web import client, doors
from ocireg.web.asked import Asked
from ocireg.web.doors import Door
from ocireg.web.pages import lists, publishing
from ocireg.web.pages.publishing import Values
from ocireg.web.pages.rendering import render
from ocireg.web.pages.section import Section

section = Section("registry")

READ = Door(Action.PULL, doors.registry)


@section.page("{registry}", READ)
def show_registry(asked: Asked) -> Response:
    """Show the images of a registry, by name."""
    registry, search = asked.registry, lists.search()
    found = lists.part(
        lambda window: holdings.listed(
            asked.context.database,
            window,
            EVERYTHING,
            registry=registry.id,
            prefix=f"{registry.path}/" if registry.path else "",
            search=search,
            inside=registry.path,
        ),
        lambda one: one.name,
    )
    values = _values(asked)
    first = publishing.TOOLS["Docker"]
    pushes = may(asked.caller.actor, Action.PUSH, target_of(registry))
    return render(
        "registry.html",
        registry=registry,
        part=found,
        search=search,
        within=lists.within,
        commands=publishing.written(first, values),
        pushes=pushes,
        allowances=quotas.of_registry(asked.context.database, registry.id) if pushes else (),
    )


@section.page("{registry}/-/publish", READ)
def show_publishing(asked: Asked) -> Response:
    """Show how images are pushed there, with which tool, and by which service without a secret; and pulled."""
    registry, actor = asked.registry, asked.caller.actor
    values = _values(asked)
    return render(
        "publish.html",
        registry=registry,
        values=values,
        tools=publishing.chosen(publishing.TOOLS, "tool", values),
        services=publishing.chosen(publishing.SERVICES, "ci", values),
        manages=may(actor, Action.MANAGE_REGISTRY, target_of(registry)),
        pushes=may(actor, Action.PUSH, target_of(registry)),
        opens=asked.context.settings.open,
    )


def _values(asked: Asked) -> Values:
    settings, registry, actor = asked.context.settings, asked.registry, asked.caller.actor
    return Values(
        host=client.host(settings),
        path=registry.path,
        user=actor.name if actor.kind is Kind.USER else "",
        audience=audience(settings, registry) if settings.url else "",
        https=client.uses_https(settings),
    )
