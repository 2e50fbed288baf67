"""What proves that a version is the one: checksums of its manifest, and the digests of all that it names."""

from flask import Response, request

from ocireg.registry.versions import Kind
from ocireg.web.asked import Asked
from ocireg.web.pages.version.frame import READ, section, see, shown
from ocireg.web.pages.version.slices import sliced

PARTS = 100
"""Blobs of a page."""


@section.page("{repository}{reference}/-/details", READ)
def details(asked: Asked, reference: str) -> Response:
    """Show checksums and digests."""
    seen = see(asked, reference)
    named = seen.version.children if seen.version.kind is Kind.INDEX else seen.version.parts
    return shown(
        asked,
        seen,
        "details",
        checksums=asked.context.registry.versions.checksums(seen.version),
        part=sliced(named, PARTS, request.args),
    )
