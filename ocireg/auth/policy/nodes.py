"""What a text of simple YAML is made of: scalars, lists and maps, each with its place in the text."""

from collections.abc import Mapping
from dataclasses import dataclass

Value = str | int | float | bool | None
"""What a scalar is."""


@dataclass(frozen=True, slots=True)
class Place:
    """Line and column, counted from 1."""

    line: int
    column: int


@dataclass(frozen=True, slots=True)
class Scalar:
    """One value. ``written`` is false for a value that is null because nothing stands there."""

    place: Place
    value: Value
    written: bool = True


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    place: Place
    items: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a map: the place of its key, and its value."""

    place: Place
    value: "Node"


@dataclass(frozen=True, slots=True)
class Entries:
    """A map, its keys texts, each there once."""

    place: Place
    entries: Mapping[str, Entry]


Node = Scalar | Items | Entries


def named(node: Node) -> str:
    """Return what a node is, for a message."""
    if isinstance(node, Items):
        return "a list"
    if isinstance(node, Entries):
        return "a map"
    if not node.written:
        return "nothing"
    kinds = {str: "a text", bool: "true or false", int: "a number", float: "a number", type(None): "null"}
    return kinds[type(node.value)]
