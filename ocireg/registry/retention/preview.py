"""What a policy would do, without doing it: counted for some seconds at most, and shown page by page."""

import time
from collections.abc import Iterator
from dataclasses import dataclass, field

from ocireg.metadata import retained
from ocireg.metadata.registries import StoredRegistry
from ocireg.registry.retention.policy import Policy
from ocireg.registry.retention.runner import Judge, Place, place_of, places
from ocireg.registry.retention.verdicts import Verdict

PATIENCE = 2.0
"""Seconds after which no further repository is judged."""
MOST = 200
"""Verdicts of one page."""
AFTER_ALL = "~"
"""What no tag is greater than."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which verdicts are shown: ``size`` of them, after a place (``acme/apps/web:1.0``), all or those that ``keep``.

    ``keep`` is None for all. ``repository``: those of one, by its full name.
    """

    size: int = 30
    after: str = ""
    keep: bool | None = None
    repository: str = ""


@dataclass(frozen=True, slots=True)
class Judged:
    """A verdict, and the full name of the repository."""

    repository: str
    verdict: Verdict

    @property
    def place(self) -> str:
        """Where it is in the list: names of repositories and tags have no colon."""
        return f"{self.repository}:{self.verdict.tag.name}"


@dataclass(slots=True)
class Preview:
    """What would become of tags. Counts are of what was looked at, from the place on that was asked for.

    ``more``: the place after which there is more to show, "" where there is none. ``cut``: it took too long, and not
    all was counted.
    """

    repositories: int = 0
    tags: int = 0
    deleted: int = 0
    cut: bool = False
    more: str = ""
    shown: list[Judged] = field(default_factory=list)

    @property
    def kept(self) -> int:
        """How many stay."""
        return self.tags - self.deleted

    def add(self, repository: str, verdicts: list[Verdict], wanted: Wanted, after: str) -> None:
        """Count those of a repository, and show what there is room for, after a tag."""
        self.repositories += 1
        self.tags += len(verdicts)
        self.deleted += sum(not one.keep for one in verdicts)
        for one in verdicts:
            if self.more:
                return
            if one.tag.name > after and wanted.keep in {None, one.keep}:
                if len(self.shown) == wanted.size:
                    self.more = self.shown[-1].place
                else:
                    self.shown.append(Judged(repository, one))


def preview(judge: Judge, registry: StoredRegistry, policy: Policy, wanted: Wanted) -> Preview:
    """Return what a policy would do in a registry now."""
    found, until, last = Preview(), time.monotonic() + PATIENCE, ""
    begun, _, tag = wanted.after.partition(":")
    for place in _places(judge, registry, wanted, begun, tag):
        if last and time.monotonic() > until:
            found.cut = True
            found.more = found.more or f"{last}:{AFTER_ALL}"
            break
        last = place.name
        found.add(last, judge.verdicts(policy, place, every=True), wanted, tag if last == begun else "")
        if found.more and wanted.after:
            break
    return found


def _places(judge: Judge, registry: StoredRegistry, wanted: Wanted, begun: str, tag: str) -> Iterator[Place]:
    """Yield the repositories that are looked at: the one that was asked for, or those from one on."""
    first = wanted.repository or (begun if tag != AFTER_ALL else "")
    row = retained.repository(judge.database, registry.id, first) if first else None
    if row is not None:
        yield place_of(registry, row, first)
    if not wanted.repository:
        yield from places(judge.database, registry, begun)
