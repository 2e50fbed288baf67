"""Request bodies, of known length or chunked, in large pieces and with few copies.

gunicorn's own ``wsgi.input`` collects what it reads in buffers on top of buffers; for a push of hundreds of MiB that
costs more than hashing does. So a body of known length is read from the socket into one buffer, and a chunked one is
taken from gunicorn's parser piece by piece, as it comes. Under any other server, and in tests, ``wsgi.input`` is
read as WSGI has it.
``docs/decisions/request-bodies.rst`` has the figures.
"""

import time
from collections.abc import Iterator
from typing import Any

from gunicorn.http import errors as gunicorn_errors
from gunicorn.http.body import Body, ChunkedReader, LengthReader

from ocireg.errors import BAD_REQUEST, BodyTooLarge, ClientGone, RegistryError

PIECE = 1024 * 1024
"""The largest piece, and the buffer of each request (bytes)."""
ENOUGH = 256 * 1024
"""A piece is handed on when it has so many bytes (or is a second old): small ones cost more than they weigh."""
PATIENCE = 1.0

Chunk = bytes | bytearray | memoryview


def read_body(environ: dict[str, Any], limit: int | None) -> Iterator[Chunk]:
    """Yield the body; a piece is good until the next one is asked for.

    ``ClientGone`` if it ends early or stalls past the time-out; ``BodyTooLarge`` when more than ``limit`` bytes
    come; UNSUPPORTED with 400 if its chunks are malformed. A body that is not read to its end closes the connection.
    """
    count = 0
    try:
        for piece in _pieces(environ):
            count += len(piece)
            if limit is not None and count > limit:
                raise BodyTooLarge
            yield piece
    except (gunicorn_errors.NoMoreData, OSError) as error:
        raise ClientGone(f"the client left before its body was whole ({type(error).__name__})") from error
    except gunicorn_errors.ParseException as error:
        raise RegistryError(BAD_REQUEST, "the chunks of the body are malformed") from error


def _pieces(environ: dict[str, Any]) -> Iterator[Chunk]:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    stream = environ["wsgi.input"]
    reader = getattr(stream, "reader", None)
    if isinstance(stream, Body) and isinstance(reader, LengthReader) and not stream.buf.tell():
        return _from_socket(stream, reader)
    if isinstance(stream, Body) and isinstance(reader, ChunkedReader) and not stream.buf.tell():
        return _from_chunks(stream, reader)
    if environ.get("wsgi.input_terminated"):
        return iter(lambda: stream.read(PIECE), b"")
    return _from_stream(stream, length)


def _from_stream(stream: Any, left: int) -> Iterator[bytes]:
    while left:
        piece = stream.read(min(left, PIECE))
        if not piece:
            raise ClientGone("the client left before its body was whole")
        left -= len(piece)
        yield piece


def _from_socket(stream: Body, reader: LengthReader) -> Iterator[Chunk]:
    """Read what was buffered with the head, then the socket itself; keep gunicorn's count right for what comes next."""
    buffered = reader.unreader.take_buffered()
    if len(buffered) > reader.length:
        reader.unreader.unread(buffered[reader.length :])
        buffered = buffered[: reader.length]
    reader.length -= len(buffered)
    if buffered:
        yield buffered
    stream.failed = True  # until the body is whole, nobody knows where the next request begins
    buffer = memoryview(bytearray(min(PIECE, reader.length)))
    while reader.length:
        filled = _fill(reader.unreader.sock, buffer[: min(len(buffer), reader.length)])
        reader.length -= filled
        yield buffer[:filled]
    stream.failed = False


def _fill(sock: Any, buffer: memoryview) -> int:
    """Receive until there is enough, or some for a second; return how many bytes."""
    filled = 0
    began = time.monotonic()
    while filled < min(ENOUGH, len(buffer)):
        got = sock.recv_into(buffer[filled:])
        if not got:
            if filled:
                return filled  # the next call finds the end again, and says so
            raise ClientGone("the client left before its body was whole")
        filled += got
        if time.monotonic() - began > PATIENCE:
            break
    return filled


def _from_chunks(stream: Body, reader: ChunkedReader) -> Iterator[Chunk]:
    """Take the pieces that gunicorn's parser of chunks finds, gathered until there is enough."""
    stream.failed = True
    waiting: list[bytes] = []
    size = 0
    began = time.monotonic()
    try:
        for piece in reader.parser or ():
            waiting.append(piece)
            size += len(piece)
            if size >= ENOUGH or time.monotonic() - began > PATIENCE:
                yield waiting[0] if len(waiting) == 1 else b"".join(waiting)
                waiting, size, began = [], 0, time.monotonic()
    except (gunicorn_errors.NoMoreData, OSError):
        if waiting:
            yield b"".join(waiting)  # what came is kept
        raise
    if waiting:
        yield b"".join(waiting)
    reader.parser = None
    stream.failed = False
