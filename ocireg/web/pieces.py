"""Blobs as answers: whole, a range of one, or several (RFC 9110 section 14), streamed from the store."""

import secrets
from collections.abc import Iterator, Mapping

from flask import Response, request
from werkzeug.wsgi import wrap_file

from ocireg.errors import RANGE_UNSATISFIABLE, RegistryError
from ocireg.oci.errors import Unsatisfiable
from ocireg.oci.media_types import OCTET_STREAM
from ocireg.oci.ranges import ByteRange, format_content_range, parse_range
from ocireg.registry.blobs import Blobs, FoundBlob

PIECE = 1024 * 1024
"""Bytes that are read at once."""


def validators(blob: FoundBlob) -> dict[str, str]:
    """Return the headers by which a client knows later that it has the blob, or goes on with it."""
    return {"ETag": f'"{blob.digest}"', "Accept-Ranges": "bytes"}


def answer(blobs: Blobs, blob: FoundBlob, range_limit: int, headers: Mapping[str, str]) -> Response:
    """Return what is asked for of a blob, or that the client has it. UNSUPPORTED with 416."""
    headers = {**validators(blob), **headers}
    if client_has(blob):
        return Response(status=304, headers=headers)
    return send(blobs, blob, ranges(blob, range_limit), headers)


def client_has(blob: FoundBlob) -> bool:
    """Say whether the client says that it has the blob."""
    return request.if_none_match.contains_weak(str(blob.digest))


def ranges(blob: FoundBlob, limit: int) -> list[ByteRange] | None:
    """Return the ranges asked for; None for the whole. ``If-Range`` with another ETag asks for the whole."""
    condition = request.headers.get("If-Range")
    if condition is not None and condition != f'"{blob.digest}"':
        return None
    try:
        return parse_range(request.headers.get("Range"), blob.size, limit)
    except Unsatisfiable as error:
        raise RegistryError(RANGE_UNSATISFIABLE, headers={"Content-Range": f"bytes */{blob.size}"}) from error


def send(blobs: Blobs, blob: FoundBlob, wanted: list[ByteRange] | None, headers: Mapping[str, str]) -> Response:
    """Stream the blob, or ranges of it: several as ``multipart/byteranges``."""
    if wanted is None:
        return _slice(blobs, blob, ByteRange(0, blob.size), 200, headers)
    if len(wanted) == 1:
        response = _slice(blobs, blob, wanted[0], 206, headers)
        response.headers["Content-Range"] = format_content_range(wanted[0], blob.size)
        return response
    return _several(blobs, blob, wanted, headers)


def _slice(blobs: Blobs, blob: FoundBlob, part: ByteRange, code: int, headers: Mapping[str, str]) -> Response:
    """Stream ``[start, stop)``. A reader that is a real file goes out by sendfile, which Content-Length bounds."""
    reader = blobs.open(blob, part.start, part.stop)
    body = wrap_file(request.environ, reader, PIECE)  # closes the reader when the server is done with it
    length = {"Content-Length": str(part.stop - part.start)}
    return Response(body, code, {**headers, **length}, direct_passthrough=True)


def _several(blobs: Blobs, blob: FoundBlob, parts: list[ByteRange], headers: Mapping[str, str]) -> Response:
    """Stream several ranges as ``multipart/byteranges`` (RFC 9110 section 14.6)."""
    blobs.open(blob, 0, 0).close()  # a blob that is damaged is said so while there is no head yet
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
            with blobs.open(blob, part.start, part.stop) as reader:
                yield from iter(lambda: reader.read(PIECE), b"")  # it raises where it is short
            yield b"\r\n"
        yield end

    size = sum(len(head) + part.stop - part.start + 2 for head, part in zip(heads, parts, strict=True)) + len(end)
    own = {"Content-Type": f"multipart/byteranges; boundary={boundary}", "Content-Length": str(size)}
    return Response(body(), 206, {**headers, **own}, direct_passthrough=True)
