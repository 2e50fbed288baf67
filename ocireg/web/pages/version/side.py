"""The column beside every tab: what it says of itself, who pushed it, what it is built on, how often it is pulled."""

from dataclasses import dataclass

from ocireg.auth import access
from ocireg.contents.release import Distribution
from ocireg.metadata import downloads, versions
from ocireg.metadata.downloads import DayCount
from ocireg.metadata.layers import READY
from ocireg.metadata.versions import Usage
from ocireg.oci.digest import Digest
from ocireg.registry.image import ImageState
from ocireg.registry.versions import Dependency, Kind, Version
from ocireg.registry.why import Reason
from ocireg.web import client
from ocireg.web.asked import Asked
from ocireg.web.pages import keeping, links

DAYS = 30
"""Days of downloads that are shown."""
KINDS = {Kind.IMAGE: "Image", Kind.INDEX: "Multi-platform index", Kind.CHART: "Helm chart", Kind.ARTIFACT: "Artifact"}


@dataclass(frozen=True, slots=True)
class Side:
    """The column. ``files`` and ``distribution`` are of what has been listed, None where that is not known."""

    kind: str
    usage: Usage
    files: int | None
    distribution: Distribution | None
    bases: tuple[Dependency, ...]
    days: list[DayCount]
    why: Reason | None

    @property
    def pairs(self) -> list[tuple[str, int]]:
        """The days and their downloads, to be drawn."""
        return [(one.day.isoformat(), one.count) for one in self.days]

    @property
    def lately(self) -> int:
        """The downloads of these days."""
        return sum(one.count for one in self.days)


def of(asked: Asked, version: Version, contents: ImageState | None) -> Side:
    """Return the column of a version, of what whoever asks may see."""
    here = asked.context
    reach = access.reach(asked.caller.actor, root=here.settings.root_registry)
    found = here.registry.versions.dependencies(version, reach, client.host(here.settings))
    totals = None
    if contents is not None and contents.state == READY:
        totals = here.registry.contents.totals(version.repository, Digest.parse(version.digest))
    return Side(
        kind=KINDS[version.kind],
        usage=versions.usage(here.database, version.row),
        files=totals.files if totals else None,
        distribution=totals.distribution if totals else None,
        bases=tuple(one for one in found if one.source != "child"),
        days=downloads.of_manifest(here.database, version.row, DAYS),
        why=keeping.of(asked, version.digest),
    )


def base_link(base: Dependency) -> str:
    """Return the page of a base, "" where it is not here."""
    if not base.repository or not base.here:
        return ""
    moved = base.moved_on is not None
    return links.version(base.repository, base.here if moved or not base.tag else base.tag)


def moved_link(base: Dependency) -> str:
    """Return the page of what the tag of a base leads to now, "" where it was deleted."""
    moved = base.moved_on
    return links.version(base.repository, moved.tag) if moved and moved.digest and base.repository else ""
