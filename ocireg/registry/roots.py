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
FANNED = 10
"""So many references are followed for each of them: all may name all that came before."""
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
    """Looks for roots.

    With ``now`` the first that keeps something then is enough, and what has none is remembered: for as long as nothing
    else changes the database. ``most``: see ``MOST``.
    """

    def __init__(self, database: Database, delays: Delays, *, now: float | None = None, most: int = MOST) -> None:
        self._database = database
        self._delays = delays
        self._now = now
        self._most = most
        self._rootless: set[int] = set()

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
        return self._steps(("part", one) for one in keepers.naming(self._database, repository, digest, self._most))

    def above(self, node: Node) -> Iterator[Step]:
        """Yield what keeps a manifest, one step up."""
        return self._steps(self._edges(node))

    def precedes(self, node: Node) -> bool:
        """Say whether something that keeps a manifest is there yet, and goes before it if nothing keeps that.

        An index may have its own child as subject: then the child waits for the index, and not the other way about.
        """
        if keepers.naming(self._database, node.repository, node.digest, 1):
            return True
        subject = self._subject(node)
        return subject is not None and not self._leads(subject, node.id)

    def holding_each_other(self, node: Node) -> list[Node]:
        """Return what a manifest waits for that is in no queue and waits for nothing: it was kept by the manifest."""
        return [one for one in self._reached(node.id) if one.reason is None and not self.precedes(one)]

    def _up(self, first: list[Step]) -> Root:
        """Walk, the nearest first, until a tag is found."""
        came: dict[int, tuple[Step, int | None]] = {one.node.id: (one, None) for one in first}
        waiting, followed, best = deque(first), 0, None
        while waiting:
            step = waiting.popleft()
            until = self._delays.due(step.node)
            if step.node.tag is not None or best is None or later(until, best.until):
                best = Root(_way(came, step.node.id), step.node.tag, until)
            if self._suffices(best):
                return best
            for how, one in self._edges(step.node):
                followed += 1
                if one not in came and one not in self._rootless and (node := keepers.node(self._database, one)):
                    came[one] = Step(how, node), step.node.id
                    if self._suffices(found := Root(_way(came, one), node.tag, self._delays.due(node))):
                        return found
                    waiting.append(came[one][0])
                if len(came) >= self._most or followed >= self._most * FANNED:
                    return Root(_way(came, step.node.id), None, None, cut=True)
        assert best is not None, "there is a first step"
        if self._now is not None:
            self._rootless.update(came)
        return best

    def _suffices(self, root: Root) -> bool:
        return root.tag is not None or (self._now is not None and root.keeps(self._now))

    def _leads(self, start: int, end: int) -> bool:
        """Say whether a way up leads from one manifest to another, or may: it may be too long to tell."""
        came = 0
        for one in self._reached(start):
            came += 1
            if one.id == end:
                return True
        return came >= self._most

    def _reached(self, start: int) -> Iterator[Node]:
        """Yield a manifest and what is above it, the nearest first."""
        came, waiting = {start}, deque([start])
        while waiting:
            node = keepers.node(self._database, waiting.popleft())
            if node is None:
                continue
            yield node
            for _, one in self._edges(node):
                if one not in came and len(came) < self._most:
                    came.add(one)
                    waiting.append(one)

    def _edges(self, node: Node) -> Iterator[tuple[str, int]]:
        """Yield the rows of what keeps a manifest, and how that leads up to them."""
        for one in keepers.naming(self._database, node.repository, node.digest, self._most):
            yield "part", one
        subject = self._subject(node)
        if subject is not None:
            yield "subject", subject

    def _subject(self, node: Node) -> int | None:
        if node.subject is None:
            return None
        return keepers.manifest(self._database, node.repository, node.subject)

    def _steps(self, edges: Iterable[tuple[str, int]]) -> Iterator[Step]:
        nodes = ((how, keepers.node(self._database, one)) for how, one in edges)
        return (Step(how, one) for how, one in nodes if one is not None)


def later(one: float | None, other: float | None) -> bool:
    """Say whether a time is later than another, of which None never comes."""
    return other is not None and (one is None or one > other)


def _way(came: dict[int, tuple[Step, int | None]], last: int | None) -> tuple[Step, ...]:
    steps: list[Step] = []
    while last is not None:
        step, last = came[last]
        steps.append(step)
    return tuple(reversed(steps))
