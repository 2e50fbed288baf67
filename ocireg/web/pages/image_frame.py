"""What is around the pages of a repository: its name and figures, how it is pulled, its tabs."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import Response

from ocireg.auth.access import Action, may
from ocireg.auth.places import target_of
from ocireg.metadata import downloads, tag_lists
from ocireg.metadata.window import Window
from ocireg.registry.versions.platforms import Listed
from ocireg.web import client, images
from ocireg.web.asked import Asked
from ocireg.web.doors import Door
from ocireg.web.pages import kinds, links, lists, places
from ocireg.web.pages.rendering import render

READ = Door(Action.PULL, places.repository)
PUSH = Door(Action.PUSH, places.repository)
DELETE = Door(Action.DELETE, places.repository)

DAYS = 30
"""Days that the plot of downloads has."""


NAMED = 3
"""Platforms of a manifest that a list names."""


@dataclass(frozen=True, slots=True)
class Newest:
    """The tag that was pushed last: what it is, and the command that pulls it."""

    tag: str
    kind: str
    command: str


def shown(asked: Asked, template: str, tab: str, status: int = 200, **values: object) -> Response:
    """Return a page of the repository of the path. ``Unknown`` where it holds nothing."""
    image, target, actor = images.holding(asked), target_of(asked.registry), asked.caller.actor
    days = downloads.of_repository(asked.context.database, asked.repository, DAYS)
    deletes = may(actor, Action.DELETE, target)
    return render(
        template,
        status,
        image=image,
        registry=asked.registry,
        name=lists.within(asked.registry, asked.repository),
        newest=_newest(asked),
        days=[(one.day, one.count) for one in days],
        image_tabs=_tabs(asked, tab, settings=deletes),
        pushes=may(actor, Action.PUSH, target),
        deletes=deletes,
        host=client.host(asked.context.settings),
        kind=kinds.kind,
        **values,
    )


def platforms(asked: Asked, listed: Sequence[Listed]) -> dict[int, str]:
    """Return the platforms of manifests of a list in words, by row: of many the first ones, and how many there are."""
    found = asked.context.registry.versions.platforms(listed)
    return {row: _in_words([str(one) for one in some]) for row, some in found.items() if some}


def _in_words(some: Sequence[str]) -> str:
    named = ", ".join(some[:NAMED])
    return named if len(some) <= NAMED else f"{named} and {len(some) - NAMED} more"


def path(asked: Asked, tab: str = "") -> str:
    """Return where a tab of the repository of the path is."""
    return links.repository(asked.repository) + (f"/-/{tab}" if tab else "")


def _newest(asked: Asked) -> Newest | None:
    found = tag_lists.listed(asked.context.database, asked.repository, Window(1), newest=True)
    if not found:
        return None
    what = kinds.kind(found[0].media_type, found[0].artifact_type)
    host, https = client.host(asked.context.settings), client.uses_https(asked.context.settings)
    return Newest(found[0].name, what, kinds.pull(host, asked.repository, found[0].name, what, https=https))


def _tabs(asked: Asked, tab: str, *, settings: bool) -> list[tuple[str, str, bool]]:
    named = {"": "Tags", "untagged": "Untagged", "history": "History", **({"settings": "Settings"} if settings else {})}
    return [(text, path(asked, one), one == tab) for one, text in named.items()]
