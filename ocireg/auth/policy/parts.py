"""Small parts of a policy, and what is raised where one cannot be used."""

from dataclasses import dataclass
from typing import Protocol

from ocireg.auth.policy.nodes import Items, Node, Place, Scalar, named

MOST_ITEMS = 256
"""Items of a list inside a statement."""


class HasPlace(Protocol):
    """A node, or an entry of a map."""

    @property
    def place(self) -> Place:
        """Where it stands."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """What is wrong with one part, and where that stands."""

    place: Place
    reason: str


class Faulty(Exception):  # noqa: N818 - told as faults
    """Parts of a policy that cannot be used."""

    def __init__(self, parts: tuple[Part, ...]) -> None:
        super().__init__("; ".join(one.reason for one in parts))
        self.parts = parts


class Unusable(Faulty):
    """One part that cannot be used."""

    def __init__(self, at: HasPlace, reason: str) -> None:
        super().__init__((Part(at.place, reason),))


def scalar(node: Node, what: str) -> Scalar:
    """Return a scalar. ``Unusable`` for a list, a map, and a value that is not there."""
    if not isinstance(node, Scalar):
        raise Unusable(node, f"{what} takes one value, not {named(node)}")
    if not node.written:
        raise Unusable(node, f"{what} has no value: write null if that is meant")
    return node


def listed(node: Node, what: str) -> tuple[Scalar, ...]:
    """Return the scalars of a list. ``Unusable`` for an empty one, or what is none."""
    if not isinstance(node, Items):
        raise Unusable(node, f"{what} takes a list, not {named(node)}")
    if not node.items:
        raise Unusable(node, f"{what} takes a list that is not empty")
    if len(node.items) > MOST_ITEMS:
        raise Unusable(node, f"{what} takes {MOST_ITEMS} items at most, not {len(node.items)}")
    return tuple(scalar(one, f"an item of {what}") for one in node.items)
