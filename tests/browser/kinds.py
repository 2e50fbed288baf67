"""A row of the table of pages, and what is done on a page before it is looked at."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from tests.browser.visitor import Visitor

Deed = Callable[[Visitor], None]
"""Does something on the page that is open, with a script or without."""
Place = Literal["installation", "new_one", "read_only"]
"""An installation, by its fixture."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A page. ``name`` is that of its screenshots; ``shows`` a text that is on it, with JavaScript or without.

    ``path`` names what ``installation.py`` makes, and ``<acme/public/tool:1.0>`` in it is the digest of that; ``who``
    has signed in, "" is nobody; ``status`` is what it is answered by. ``does`` is done there first, and leads to what
    is looked at.
    """

    name: str
    path: str
    shows: str
    who: str = ""
    status: int = 200
    does: Deed | None = None
    at: Place = "installation"

    def address(self, digests: Mapping[str, str]) -> str:
        """Return the path, with digests in it."""
        return re.sub(r"<(.+?)>", lambda found: digests[found[1]], self.path)


def follow(link: str) -> Deed:
    """Return following a link."""

    def deed(visitor: Visitor) -> None:
        visitor.page.get_by_role("link", name=link).first.click()

    return deed


def press(button: str, fails: str = "", **fields: str) -> Deed:
    """Return filling fields in, by their labels (``_`` stands for a space), and pressing a button.

    ``fails`` is the path that it is sent to, where what is filled in is wrong.
    """

    def deed(visitor: Visitor) -> None:
        if fails:
            visitor.pardon(fails)
        for label, text in fields.items():
            visitor.page.get_by_label(label.replace("_", " ")).first.fill(text)
        visitor.page.get_by_role("main").get_by_role("button", name=button).click()

    return deed
