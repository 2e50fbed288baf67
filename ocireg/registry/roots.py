"""Whether something is kept, and by what: the way up from it to a root.

A root is a tag, a protection, or a manifest whose time has not come. The way leads through manifests of the same
repository: those that name it, and its subject.
"""

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ocireg.metadata import keepers
from ocireg.metadata.candidates import UNTAGGED
from ocireg.metadata.database import Database
from ocireg.metadata.keepers import Node

MOST = 10_000
"""Manifests that are looked at on one way up. What is kept by so many without a root stays until some of them went."""
RETRY = 3600.0
"""Seconds until it is looked at again."""


@dataclass(frozen=True, slots=True)
class Delays:
    """How long things stay that have lost their use, in seconds.

    ``grace``: of what was deleted. ``untagged``: of what is without a tag, since its last use, where no policy of its
    registry says how long; 0 is for ever.
    """

    grace: float
    untagged: float

    def of(self, reason: str, stays: float | None = None) -> float | None:
        """Return that of a reason; None is for ever. ``stays``: what a policy says of what has no tag."""
        if reason == UNTAGGED:
            return (self.untagged if stays is None else stays) or None
        return self.grace

    def due(self, node: Node) -> float | None:
        """Return when a manifest may go, if nothing else keeps it: seconds since the epoch, None is never."""
        if node.reason is None or node.since is None:
            return node.protected_until
        delay = self.of(node.reason, node.stays)
        if delay is None:
            return None
        since = node.used_at if node.reason == UNTAGGED else node.since
        return max(since + delay, node.protected_until)


@dataclass(frozen=True, slots=True)
class Step:
    """A manifest on the way up, and how what came before leads to it: ``part`` of it, or its ``subject``."""

    how: str
    node: Node


@dataclass(frozen=True, slots=True)
class Root:
    """What keeps something: the way to the last of ``steps``, by a tag of that, or until its time has come."""

    steps: tuple[Step, ...]
    tag: str | None
    until: float | None
    cut: bool = False

    def keeps(self, now: float) -> bool:
        """Say whether it keeps something still, or may do so: a way that was too long was ``cut``."""
        return self.cut or self.tag is not None or self.until is None or self.until > now


class Roots:
    """Looks for roots."""

    def __init__(self, database: Database, delays: Delays) -> None:
        self._database = database
        self._delays = delays

    def of_manifest(self, node: Node) -> Root:
        """Return a tag that keeps a manifest, at the end of a shortest way, or what keeps it for the longest time."""
        return self._up([Step("", node)])

    def of_blob(self, repository: int, digest: str) -> Root | None:
        """Return that of a blob in a repository; None where no manifest names it."""
        first: list[Step] = []
        for step in self.naming(repository, digest):
            if step.node.tag is not None:  # a common layer is named by many, most of which have one
                return Root((step,), step.node.tag, None)
            first.append(step)
        return self._up(first) if first else None

    def naming(self, repository: int, digest: str) -> Iterator[Step]:
        """Yield what names a digest in a repository."""
        return self._steps("part", keepers.naming(self._database, repository, digest, MOST))

    def _up(self, first: list[Step]) -> Root:
        """Walk, the nearest first, until a tag is found."""
        came: dict[int, tuple[Step, int | None]] = {one.node.id: (one, None) for one in first}
        waiting = deque(first)
        best: Root | None = None
        while waiting:
            step = waiting.popleft()
            until = self._delays.due(step.node)
            if step.node.tag is not None or best is None or later(until, best.until):
                best = Root(_way(came, step.node.id), step.node.tag, until)
            if best.tag is not None:
                return best
            for above in self.above(step.node):
                if above.node.id not in came:
                    came[above.node.id] = above, step.node.id
                    waiting.append(above)
            if len(came) >= MOST:
                return Root(_way(came, step.node.id), None, None, cut=True)
        assert best is not None, "there is a first step"
        return best

    def above(self, node: Node) -> Iterator[Step]:
        """Yield what keeps a manifest, one step up."""
        yield from self.naming(node.repository, node.digest)
        if node.subject is not None:
            found = keepers.manifest(self._database, node.repository, node.subject)
            yield from self._steps("subject", [] if found is None else [found])

    def _steps(self, how: str, manifests: Iterable[int]) -> Iterator[Step]:
        nodes = (keepers.node(self._database, one) for one in manifests)
        return (Step(how, one) for one in nodes if one is not None)


def later(one: float | None, other: float | None) -> bool:
    """Say whether a time is later than another, of which None never comes."""
    return other is not None and (one is None or one > other)


def _way(came: dict[int, tuple[Step, int | None]], last: int | None) -> tuple[Step, ...]:
    steps: list[Step] = []
    while last is not None:
        step, last = came[last]
        steps.append(step)
    return tuple(reversed(steps))
