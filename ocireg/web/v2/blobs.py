"""``/v2/<name>/blobs/<digest>`` (OCI distribution v1.1.1, end-2, end-10), with ranges (RFC 9110 section 14)."""

from flask import Response, request

from ocireg.oci.media_types import OCTET_STREAM
from ocireg.registry.blobs import FoundBlob
from ocireg.web import client, pieces, pulls
from ocireg.web.caller import caller
from ocireg.web.v2 import guard, parse
from ocireg.web.v2.context import Context
from ocireg.web.v2.redirects import store_reads_alike

ATTACHMENT = "attachment"
"""A browser that is sent to a blob must not run it."""


def describe(context: Context, name: str, argument: str) -> Response:
    """Answer as GET of the whole would, without the body."""
    pushing = guard.may_push(context, caller(), name)
    blob = context.registry.blobs.stat(name, parse.digest(argument), pushing=pushing)
    if pieces.client_has(blob):
        return Response(status=304, headers=_headers(blob))
    return Response(headers={**_headers(blob), "Content-Length": str(blob.size)})


def read(context: Context, name: str, argument: str) -> Response:
    """Answer with the blob: whole, a range of it, or several as ``multipart/byteranges`` (podman's zstd:chunked).

    The store may serve the whole or one range itself: then the answer is a redirect.
    """
    blob = context.registry.blobs.find(name, parse.digest(argument))
    if pieces.client_has(blob):
        return Response(status=304, headers=_headers(blob))
    wanted = pieces.ranges(blob, context.settings.range_limit)
    pulls.note(context, "blob.pull", name, blob.digest)
    if location := _elsewhere(context, blob):
        return _redirect(blob, location)
    return pieces.send(context.registry.blobs, blob, wanted, _headers(blob))


def delete(context: Context, name: str, argument: str) -> Response:
    """Delete the blob from the repository (end-10)."""
    context.registry.blobs.delete(name, parse.digest(argument), caller().author)
    return Response(status=202)


def _headers(blob: FoundBlob) -> dict[str, str]:
    """Return what holds of a blob for ever."""
    return {
        "Content-Type": OCTET_STREAM,
        "Docker-Content-Digest": str(blob.digest),
        **pieces.validators(blob),
        "Cache-Control": "max-age=31536000",
        "Content-Disposition": ATTACHMENT,
    }


def _elsewhere(context: Context, blob: FoundBlob) -> str | None:
    """Return where the store serves this GET; None to serve it here. Of an empty blob no store has a range."""
    if not blob.size or not store_reads_alike(request.headers):
        return None

    def sign(expires: int) -> str | None:
        return context.registry.blobs.url(blob, expires, OCTET_STREAM, ATTACHMENT)

    settings = context.settings
    return context.redirects.target(client.address(settings), sign, https=client.uses_https(settings))


def _redirect(blob: FoundBlob, location: str) -> Response:
    """Send the client to the store, this once: the URL is signed and expires, so nobody may keep the answer."""
    headers = {"Location": location, "Docker-Content-Digest": str(blob.digest), "Cache-Control": "no-store"}
    response = Response(status=307, headers={**headers, "Content-Length": "0"})
    del response.headers["Content-Type"]
    return response
