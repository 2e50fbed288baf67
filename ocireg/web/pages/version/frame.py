"""What all tabs of a version have around them: its name, its platforms, the tabs, and the column beside.

An index has no layers of its own: what is in it is shown of one of its images, which says what it is shown in.
"""

from dataclasses import dataclass
from typing import Any

from flask import Response, request

from ocireg.auth.access import Action, may
from ocireg.auth.manage.errors import Unknown
from ocireg.auth.places import target_of
from ocireg.config import Settings
from ocireg.errors import MANIFEST_UNKNOWN, RegistryError
from ocireg.metadata import immutability
from ocireg.metadata.immutable_rules import Rule
from ocireg.oci.digest import Digest
from ocireg.oci.errors import ProtocolError
from ocireg.oci.lenient import line as fit
from ocireg.oci.reference import parse_reference
from ocireg.registry.image import ImageState
from ocireg.registry.versions import Kind, Version
from ocireg.web import client
from ocireg.web.asked import Asked
from ocireg.web.doors import Door
from ocireg.web.pages import keeping, links, places
from ocireg.web.pages.rendering import render
from ocireg.web.pages.section import Section
from ocireg.web.pages.version import commands, side

section = Section("version")
section.add_app_template_filter(fit, "fit")

READ = Door(Action.PULL, places.repository)
TABS = {
    "": "Installation",
    "contents": "Contents",
    "layers": "Layers",
    "configuration": "Configuration",
    "attachments": "Attachments",
    "details": "Details",
}
OF_IMAGES = ("contents", "layers")
"""Tabs that only images have; those of an index lead to one of its images."""


@dataclass(frozen=True, slots=True)
class Seen:
    """A version as it was asked for, by a tag or a digest; ``index`` is what it is shown in, named by ``inside``.

    ``contents`` is how far what is in it has been listed, None of what is no image.
    """

    version: Version
    reference: str
    index: Version | None
    inside: str
    contents: ImageState | None

    @property
    def digest(self) -> Digest:
        """Its digest."""
        return Digest.parse(self.version.digest)

    @property
    def tag(self) -> str:
        """The tag that it was asked for by, else one that it has, or ""."""
        return self.reference if ":" not in self.reference else next(iter(self.version.tags), "")

    @property
    def title(self) -> str:
        """How it is named: by the tag that it was asked for by, or its digest."""
        return self.reference if ":" not in self.reference else self.reference[:19]

    @property
    def platforms(self) -> tuple[Any, ...]:
        """The images of the index that is shown, or that it is shown in."""
        found = self.index or (self.version if self.version.kind is Kind.INDEX else None)
        return tuple(one for one in found.images if one.present) if found else ()

    @property
    def platform(self) -> str:
        """The platform of the index for which it is shown, "" of none."""
        named = (one.platform for one in self.platforms if self.index and one.digest == self.version.digest)
        return next((str(one) for one in named if one), "")

    def name(self, settings: Settings) -> commands.Name:
        """Return what it is called in commands: where an index with a tag leads to it, by that tag and the platform."""
        host, https = client.host(settings), client.uses_https(settings)
        if self.inside and ":" not in self.inside and self.platform:
            return commands.name_of(self.version, host, self.inside, https=https, platform=self.platform)
        return commands.name_of(self.version, host, self.tag, https=https)

    def link(self, tab: str = "", **query: object) -> str:
        """Return a page of it, which goes on to say what it is shown in."""
        return links.version(self.version.repository, self.reference, tab, index=self.inside, **query)

    def child_link(self, digest: str, tab: str = "") -> str:
        """Return the page of an image of the index."""
        return links.version(self.version.repository, digest, tab, index=self.inside or self.reference)

    def back_link(self, tab: str = "") -> str:
        """Return the page of the index that it is shown in."""
        return links.version(self.version.repository, self.inside, "" if tab in OF_IMAGES else tab)


def see(asked: Asked, reference: str) -> Seen:
    """Return a version, and the index that the query names, if it is one of it. MANIFEST_UNKNOWN, NAME_UNKNOWN."""
    use, repository = asked.context.registry.versions, asked.repository
    inside, wanted = request.args.get("index", ""), parsed_reference(reference)
    index = _index(asked, inside) if inside else None
    found = use.show(repository, wanted, index)
    if index is not None and all(one.digest != found.digest for one in index.children):
        index, found = None, use.show(repository, wanted)
    contents = None
    if found.kind is Kind.IMAGE:
        contents = asked.context.registry.contents.state(repository, Digest.parse(found.digest))
    return Seen(found, reference, index, inside if index else "", contents)


def parsed_reference(reference: str) -> Digest | str:
    """Return a tag or a digest. MANIFEST_UNKNOWN of a digest that nothing has here."""
    try:
        return parse_reference(reference)
    except ProtocolError as error:
        raise RegistryError(MANIFEST_UNKNOWN, str(error)) from error


def _index(asked: Asked, reference: str) -> Version | None:
    """Return the index of that name; what is none is nothing to go back to."""
    try:
        found = asked.context.registry.versions.show(asked.repository, parsed_reference(reference))
    except RegistryError:
        return None
    return found if found.kind is Kind.INDEX else None


def image_of(asked: Asked, seen: Seen, tab: str) -> str:
    """Return where an index shows that tab, of its usual image; "" of an image. MANIFEST_UNKNOWN of what has none."""
    if seen.version.kind is Kind.IMAGE:
        return ""
    found = asked.context.registry.versions.child(seen.version)
    if found is None:
        raise Unknown("reference", f"{asked.repository} has no image there, so there are no {tab} to show.")
    return seen.child_link(found.digest, tab)


def shown(asked: Asked, seen: Seen, tab: str, **values: Any) -> Response:
    """Return the page of a tab."""
    settings = asked.context.settings
    target, name = target_of(asked.registry), seen.name(settings)
    return render(
        f"version/{tab or 'installation'}.html",
        seen=seen,
        found=seen.version,
        registry=asked.registry,
        repository=asked.repository,
        crumbs=_crumbs(asked, seen),
        short_name=_short_name(asked),
        tab=tab,
        tabs=[(text, seen.link(name), name == tab) for name, text in _tabs(asked, seen).items()],
        name=name,
        pulls=commands.pulls(name),
        immutable=rule_of(asked, seen),
        side=side.of(asked, seen.version, seen.contents),
        base_link=side.base_link,
        moved_link=side.moved_link,
        condemned=keeping.condemned,
        may_delete=may(asked.caller.actor, Action.DELETE, target) and not settings.read_only,
        **values,
    )


def rule_of(asked: Asked, seen: Seen) -> Rule | None:
    """Return the rule by which the tag that it was asked for by is immutable."""
    names = [seen.reference] if ":" not in seen.reference else []
    return immutability.among(asked.context.database, asked.repository, names).get(seen.reference)


def _short_name(asked: Asked) -> str:
    path = asked.registry.path
    return asked.repository.removeprefix(f"{path}/") if path else asked.repository


def _crumbs(asked: Asked, seen: Seen) -> list[tuple[str, str]]:
    found = [*links.above(asked.registry), (_short_name(asked), links.repository(asked.repository))]
    if seen.index is not None:
        found.append((seen.inside if ":" not in seen.inside else seen.inside[:19], seen.back_link()))
    return [*found, (seen.title, "")]


def _tabs(asked: Asked, seen: Seen) -> dict[str, str]:
    """Return the tabs that it has."""
    absent: set[str] = set()
    if seen.version.kind is Kind.IMAGE:
        absent = set() if seen.contents else {"contents"}
    elif seen.version.kind is not Kind.INDEX or not seen.platforms:
        absent = set(OF_IMAGES)
    elif not asked.context.settings.contents:
        absent = {"contents"}
    return {name: text for name, text in TABS.items() if name not in absent}
