"""When something goes that no tag keeps: foretold from what it hangs on, as the collector will do it.

What goes ends the time of what hung on it: a child of an index that was deleted goes with the index, though its own
time as something without a tag would be longer; what has a subject goes with that or a grace later.
"""

from dataclasses import dataclass

from ocireg.metadata.candidates import DELETED, FOLLOWED, UNTAGGED
from ocireg.metadata.keepers import Node
from ocireg.registry.roots import MOST, Delays, Roots, Step, later

DEEPEST = 100
"""Manifests on one way: what hangs on more is foretold as if the last were by itself. So it is after ``MOST`` steps."""


@dataclass(frozen=True, slots=True)
class Fate:
    """When something goes (None: never), for what reason and since when, and the way to what decides that."""

    steps: tuple[Step, ...]
    reason: str | None
    since: float | None
    until: float | None

    @property
    def deleted(self) -> bool:
        """Whether somebody's deletion is the reason."""
        return self.reason in (DELETED, FOLLOWED)


class Fates:
    """Foretells, for one answer: what was found once is kept."""

    def __init__(self, roots: Roots, delays: Delays, *, most: int = MOST) -> None:
        self._roots = roots
        self._delays = delays
        self._found: dict[int, Fate] = {}
        self._left = most

    def of(self, step: Step, below: frozenset[int] = frozenset()) -> Fate:
        """Return that of a manifest; ``below`` are those that the way came from."""
        node = step.node
        if node.id not in self._found:
            own = Fate((), node.reason, node.since, self._delays.due(node))
            others = [] if len(below) >= DEEPEST else self._others(node, below | {node.id})
            fates = [fate for fate, _ in others]
            ended = any(ends for _, ends in others)
            best = latest(fates if ended else [*fates, self._alone(node, own, fates)])
            self._found[node.id] = best or own
        found = self._found[node.id]
        return Fate((step, *found.steps), found.reason, found.since, found.until)

    def _alone(self, node: Node, own: Fate, others: list[Fate]) -> Fate:
        """Return what is left of a manifest's own time when the last of others goes, whose end does not end it.

        One that lives by others leaves the queue when its time has come, and enters it again as what has no tag.
        """
        last = latest(others)
        if last is None or last.until is None or own.until is None or own.until > last.until:
            return own
        used = max(node.pushed_at, node.pulled_at or 0.0)
        delay = self._delays.of(UNTAGGED)
        return Fate((), UNTAGGED, used, None if delay is None else max(used + delay, node.protected_until))

    def _others(self, node: Node, below: frozenset[int]) -> list[tuple[Fate, bool]]:
        """Return what others let be its fate, and which of them end its own time when they go."""
        found = []
        for above in self._roots.above(node):
            self._left -= 1
            if self._left < 0:
                break
            if above.node.id not in below:
                fate = self.of(above, below)
                found.append(self._followed(node, fate) if above.how == "subject" else self._child(node, fate))
        return found

    def _followed(self, node: Node, fate: Fate) -> tuple[Fate, bool]:
        if fate.until is None:
            return fate, True
        since = max(fate.since or 0.0, node.pushed_at) if fate.deleted else fate.until
        until = max(fate.until, since + self._delays.grace, node.protected_until)
        return Fate(fate.steps, fate.reason, fate.since, until), True

    def _child(self, node: Node, fate: Fate) -> tuple[Fate, bool]:
        used = node.since if node.reason == UNTAGGED and node.since is not None else node.pushed_at
        until = fate.until if fate.until is None else max(fate.until, node.protected_until)
        ends = fate.deleted and fate.since is not None and used <= fate.since
        return Fate(fate.steps, fate.reason, fate.since, until), ends


def latest(fates: list[Fate]) -> Fate | None:
    """Return the one that comes last."""
    best: Fate | None = None
    for one in fates:
        if best is None or later(one.until, best.until):
            best = one
    return best
