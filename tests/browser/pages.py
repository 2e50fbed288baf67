"""The table of pages: whatever is true of every page is tested of each row."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Kind:
    """A page. ``name`` is that of its screenshots; ``shows`` a text that is on it, with JavaScript or without.

    ``path`` names what ``installation.py`` makes; ``status`` is what it is answered by.
    """

    name: str
    path: str
    shows: str
    status: int = 200


PAGES = (Kind("api", "/api/v1/", "REST API of ocireg"),)
