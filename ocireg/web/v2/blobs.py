"""``/v2/<name>/blobs/<digest>`` (OCI distribution v1.1.1, end-2, end-10), with ranges (RFC 9110 section 14)."""

import secrets
from collections.abc import Iterator

from flask import Response, request
from werkzeug.wsgi import wrap_file

from ocireg.errors import RANGE_UNSATISFIABLE, RegistryError
from ocireg.oci.errors import Unsatisfiable
from ocireg.oci.media_types import OCTET_STREAM
from ocireg.oci.ranges import ByteRange, format_content_range, parse_range
from ocireg.registry.blobs import FoundBlob
from ocireg.web import client
from ocireg.web.caller import caller
from ocireg.web.v2 import guard, parse, pulls
from ocireg.web.v2.context import Context
from ocireg.web.v2.redirects import store_reads_alike

PIECE = 1024 * 1024
ATTACHMENT = "attachment"
"""A browser that is sent to a blob must not run it."""


def describe(context: Context, name: str, argument: str) -> Response:
    """Answer as GET of the whole would, without the body."""
    pushing = guard.may_push(context, caller(), name)
    blob = context.registry.blobs.stat(name, parse.digest(argument), pushing=pushing)
    if _client_has(blob):
        return Response(status=304, headers=_headers(blob))
    return Response(headers={**_headers(blob), "Content-Length": str(blob.size)})


def read(context: Context, name: str, argument: str) -> Response:
    """Answer with the blob: whole, a range of it, or several as ``multipart/byteranges`` (podman's zstd:chunked).

    The store may serve the whole or one range itself: then the answer is a redirect.
    """
    blob = context.registry.blobs.find(name, parse.digest(argument))
    if _client_has(blob):
        return Response(status=304, headers=_headers(blob))
    wanted = _ranges(context, blob)
    pulls.note(context, "blob.pull", name, blob.digest)
    if location := _elsewhere(context, blob):
        return _redirect(blob, location)
    if wanted is None:
        return _slice(context, blob, ByteRange(0, blob.size), 200)
    if len(wanted) == 1:
        response = _slice(context, blob, wanted[0], 206)
        response.headers["Content-Range"] = format_content_range(wanted[0], blob.size)
        return response
    return _several(context, blob, wanted)


def delete(context: Context, name: str, argument: str) -> Response:
    """Delete the blob from the repository (end-10)."""
    context.registry.blobs.delete(name, parse.digest(argument), caller().author)
    return Response(status=202)


def _headers(blob: FoundBlob) -> dict[str, str]:
    """Return what holds of a blob for ever."""
    return {
        "Content-Type": OCTET_STREAM,
        "Docker-Content-Digest": str(blob.digest),
        "ETag": f'"{blob.digest}"',
        "Accept-Ranges": "bytes",
        "Cache-Control": "max-age=31536000",
        "Content-Disposition": ATTACHMENT,
    }


def _client_has(blob: FoundBlob) -> bool:
    return request.if_none_match.contains_weak(str(blob.digest))


def _ranges(context: Context, blob: FoundBlob) -> list[ByteRange] | None:
    """Return the ranges asked for; None for the whole. ``If-Range`` with another ETag asks for the whole."""
    condition = request.headers.get("If-Range")
    if condition is not None and condition != f'"{blob.digest}"':
        return None
    try:
        return parse_range(request.headers.get("Range"), blob.size, context.settings.range_limit)
    except Unsatisfiable as error:
        raise RegistryError(RANGE_UNSATISFIABLE, headers={"Content-Range": f"bytes */{blob.size}"}) from error


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


def _slice(context: Context, blob: FoundBlob, part: ByteRange, code: int) -> Response:
    """Stream ``[start, stop)``. A reader that is a real file goes out by sendfile, which Content-Length bounds."""
    reader = context.registry.blobs.open(blob, part.start, part.stop)
    body = wrap_file(request.environ, reader, PIECE)  # closes the reader when the server is done with it
    headers = {**_headers(blob), "Content-Length": str(part.stop - part.start)}
    return Response(body, code, headers, direct_passthrough=True)


def _several(context: Context, blob: FoundBlob, parts: list[ByteRange]) -> Response:
    """Stream several ranges as ``multipart/byteranges`` (RFC 9110 section 14.6)."""
    context.registry.blobs.open(blob, 0, 0).close()  # a blob that is damaged is said so while there is no head yet
    boundary = secrets.token_hex(16)
    heads = [
        f"--{boundary}\r\nContent-Type: {OCTET_STREAM}\r\n"
        f"Content-Range: {format_content_range(part, blob.size)}\r\n\r\n".encode()
        for part in parts
    ]
    end = f"--{boundary}--\r\n".encode()

    def body() -> Iterator[bytes]:
        for head, part in zip(heads, parts, strict=True):
            yield head
            with context.registry.blobs.open(blob, part.start, part.stop) as reader:
                yield from iter(lambda: reader.read(PIECE), b"")  # it raises where it is short
            yield b"\r\n"
        yield end

    size = sum(len(head) + part.stop - part.start + 2 for head, part in zip(heads, parts, strict=True)) + len(end)
    headers = {**_headers(blob), "Content-Type": f"multipart/byteranges; boundary={boundary}"}
    return Response(body(), 206, {**headers, "Content-Length": str(size)}, direct_passthrough=True)
