"""Lists on pages: which part of one is shown, what is searched for, and how what is on it is named."""

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

from flask import request

from ocireg.metadata.registries import StoredRegistry
from ocireg.metadata.window import Window
from ocireg.web import windows
from ocireg.web.windows import Part

T = TypeVar("T")

SIZE = 30
"""Items of a page."""
LONGEST = 100
"""Characters of what is searched for."""


def part(
    find: Callable[[Window], Sequence[T]], cursor: Callable[[T], str], read: Callable[[str], Any] = str
) -> Part[T]:
    """Return the part of a list that the query asks for; see ``windows.part``."""
    after, before = request.args.get("after"), request.args.get("before")
    return windows.part(find, cursor, read, size=SIZE, after=after, before=before)


def search() -> str:
    """Return what is searched for, "" where nothing is."""
    return request.args.get("q", "").strip()[:LONGEST]


def within(registry: StoredRegistry, name: str) -> str:
    """Return the name of a repository in its registry: the image name."""
    return name.removeprefix(f"{registry.path}/") if registry.path else name
