"""What a version is told to do: the configuration of an image, the parts of an artifact, and the manifest as it is."""

import json
from collections.abc import Collection
from dataclasses import dataclass
from itertools import islice

from flask import Response, request

from ocireg.oci import document
from ocireg.oci.errors import InvalidManifest
from ocireg.oci.lenient import shown as fit
from ocireg.web.asked import Asked
from ocireg.web.pages.version.frame import READ, section, see, shown
from ocireg.web.pages.version.slices import sliced

LARGEST = 64 * 1024
"""Bytes of a manifest that are shown; a longer one is there to download."""
PARTS = 100
"""Parts, or children, of a page."""
TEXT = 4096
"""Characters of a value."""
PAIRS = 200
"""Annotations, labels or variables that are shown: the manifest and the configuration, to download, have all."""


@dataclass(frozen=True, slots=True)
class Pairs:
    """Names and values that are fit to be shown, and how many there are besides."""

    items: list[tuple[str, str]]
    more: int = 0


@section.page("{repository}{reference}/-/configuration", READ)
def configuration(asked: Asked, reference: str) -> Response:
    """Show the configuration, and the manifest."""
    seen = see(asked, reference)
    version = seen.version
    return shown(
        asked,
        seen,
        "configuration",
        image=version.image,
        part=sliced(version.children or version.parts, PARTS, request.args),
        annotations=pairs(version.annotations.items()),
        labels=pairs(version.image.config.labels.items() if version.image else ()),
        variables=pairs(version.image.config.variables if version.image else ()),
        manifest=pretty(version.content),
    )


def pairs(said: Collection[tuple[str, str]]) -> Pairs:
    """Return the first of them."""
    found = [(fit(name, TEXT), fit(value, TEXT)) for name, value in islice(said, PAIRS)]
    return Pairs(found, len(said) - len(found))


def pretty(content: bytes) -> str:
    """Return a manifest with a line for each value, "" where it is too long; what cannot be printed is escaped."""
    if len(content) > LARGEST:
        return ""
    try:
        text = json.dumps(document.decode(content), indent=2, ensure_ascii=False)
    except InvalidManifest:
        return ""
    return "".join(one if one == "\n" or one.isprintable() else _escaped(one) for one in text)


def _escaped(one: str) -> str:
    """Return a character as JSON escapes it (RFC 8259 section 7)."""
    return json.dumps(one)[1:-1]
