"""When something goes that no tag keeps: foretold from what it hangs on, as the collector will do it.

What goes ends the time of what hung on it: a child of an index that was deleted goes with the index, though its own
time as something without a tag would be longer; what has a subject goes with that or a grace later.
"""

from dataclasses import dataclass

from ocireg.metadata.candidates import DELETED, FOLLOWED, UNTAGGED
from ocireg.metadata.keepers import Node
from ocireg.registry.roots import Delays, Roots, Step, later

DEEPEST = 100
"""Manifests on one way: what hangs on more is foretold as if the last were by itself."""


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

    def __init__(self, roots: Roots, delays: Delays) -> None:
        self._roots = roots
        self._delays = delays
        self._found: dict[int, Fate] = {}

    def of(self, step: Step, below: frozenset[int] = frozenset()) -> Fate:
        """Return that of a manifest; ``below`` are those that the way came from."""
        node = step.node
        if node.id not in self._found:
            own = Fate((), node.reason, node.since, self._delays.due(node))
            others = [] if len(below) >= DEEPEST else self._others(node, below | {node.id})
            ended = any(ends for _, ends in others)
            best = latest([fate for fate, _ in others] + ([] if ended else [own]))
            self._found[node.id] = best or own
        found = self._found[node.id]
        return Fate((step, *found.steps), found.reason, found.since, found.until)

    def _others(self, node: Node, below: frozenset[int]) -> list[tuple[Fate, bool]]:
        """Return what others let be its fate, and which of them end its own time when they go."""
        found = []
        for above in self._roots.above(node):
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
