"""The table of pages: whatever is true of every page is tested of each row."""

from dataclasses import dataclass

from tests.browser.hostile import TAG


@dataclass(frozen=True, slots=True)
class Kind:
    """A page. ``name`` is that of its screenshots; ``shows`` a text that is on it, with JavaScript or without.

    ``path`` names what ``installation.py`` makes; ``status`` is what it is answered by.
    """

    name: str
    path: str
    shows: str
    status: int = 200


TOOL, HOSTILE = "/acme/public/tool:1.0", f"/acme/hostile/app:{TAG}"
PAGES = (
    Kind("api", "/api/v1/", "REST API of ocireg"),
    Kind("version", TOOL, "Package installation"),
    Kind("version-contents", f"{TOOL}/-/contents", "List files"),
    Kind("version-layers", f"{TOOL}/-/layers", "COPY tool /"),
    Kind("version-configuration", f"{TOOL}/-/configuration", "Entrypoint"),
    Kind("version-attachments", f"{TOOL}/-/attachments", "Nothing is attached"),
    Kind("version-details", f"{TOOL}/-/details", "SHA512"),
    Kind("version-hostile", HOSTILE, "Package installation"),
    Kind("version-hostile-layers", f"{HOSTILE}/-/layers", "Layers"),
    Kind("version-hostile-configuration", f"{HOSTILE}/-/configuration", "Entrypoint"),
    Kind("version-hostile-index", "/acme/hostile/app:1.0/-/configuration", "Manifests of the index"),
)
