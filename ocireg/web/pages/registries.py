"""The first page: the registries that somebody may see."""

from flask import Response

from ocireg.auth.access import Action, Target, may
from ocireg.auth.manage.values import ROOT
from ocireg.auth.places import target_of
from ocireg.auth.scopes import Level
from ocireg.metadata import organizations, overviews
from ocireg.metadata.organizations import StoredOrganization
from ocireg.metadata.repositories import Reach
from ocireg.metadata.window import Window
from ocireg.web import client
from ocireg.web.asked import Asked
from ocireg.web.doors import EVERYBODY
from ocireg.web.pages import lists, places
from ocireg.web.pages.rendering import render
from ocireg.web.pages.section import Section

section = Section("registries")

OWNERS = 20
"""Organizations in which a new registry can be made from here; their own pages have the link, too."""


@section.page("/", EVERYBODY)
def list_registries(asked: Asked) -> Response:
    """List the registries that are public and, for who is known, those that they may see; by path, the root first."""
    database, actor, search = asked.context.database, asked.caller.actor, lists.search()
    reach = _reach(asked)
    found = lists.part(
        lambda window: overviews.listed(database, window, reach, search=search),
        lambda one: one.registry.path or ROOT,
        lambda text: "" if text == ROOT else text,
    )
    return render(
        "registries.html",
        part=found,
        search=search,
        owners=_owners(asked),
        opens=asked.context.settings.open,
        pushes=asked.context.settings.root_registry and may(actor, Action.PUSH, _root(asked)),
        host=client.host(asked.context.settings),
    )


def _reach(asked: Asked) -> Reach:
    """Return what is seen; of the root registry nothing, where it is empty and who looks cannot change that.

    Whoever may pull and is not told of registries, as nobody is where everything is open, sees where that can be done.
    """
    actor, here = asked.caller.actor, asked.context
    root = here.settings.root_registry and (
        may(actor, Action.PUSH, _root(asked)) or overviews.of(here.database, [here.roster.now().root()])[0].images > 0
    )
    return places.seen(actor, root=root)


def _root(asked: Asked) -> Target:
    return target_of(asked.context.roster.now().root())


def _owners(asked: Asked) -> list[StoredOrganization]:
    """Return organizations in which who looks may make a registry, by slug."""
    actor = asked.caller.actor
    within = None if actor.admin else [one for one, level in actor.roles.items() if level >= Level.ADMIN]
    if within == []:
        return []
    found = organizations.listed(asked.context.database, Window(OWNERS), within)
    return [one for one in found if may(actor, Action.CREATE_REGISTRY, Target(one.id))]
