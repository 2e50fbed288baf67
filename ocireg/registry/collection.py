"""What a collection of garbage did, or would do."""

from dataclasses import dataclass, field

NAMED = 1000
"""Manifests that a trial names."""


@dataclass(frozen=True, slots=True)
class Collected:
    """A manifest that was collected: for what reason, and since when it was condemned (seconds since the epoch)."""

    repository: str
    digest: str
    reason: str
    since: float


@dataclass(slots=True)
class Collection:
    """What was collected, or would be.

    ``links``: blobs that a repository forgot; ``blobs``: those that none knows now, and ``size`` their bytes with those
    of manifests. ``reviewed``: all that was looked at; ``kept`` of them, that something keeps, or keeps for now.
    ``busy``: another process collects, and nothing was done. ``held``: the database may not know all that was pushed,
    and nothing was done. ``cut``: a trial that took too long: there is more.
    """

    manifests: int = 0
    links: int = 0
    blobs: int = 0
    size: int = 0
    reviewed: int = 0
    kept: int = 0
    busy: bool = False
    held: bool = False
    cut: bool = False
    named: list[Collected] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.manifests or self.links)

    def __str__(self) -> str:
        return (
            f"{self.manifests} manifests, {self.links} blobs of repositories, {self.blobs} of them the last; "
            f"{self.size} bytes can go; {self.reviewed} looked at, {self.kept} kept"
        )
