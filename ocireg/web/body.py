"""Request bodies, of known length or chunked, in large pieces and with few copies.

gunicorn's own ``wsgi.input`` collects what it reads in buffers on top of buffers; for a push of hundreds of MiB that
costs more than hashing does. So a body of known length is read from the socket into one buffer, and a chunked one is
taken from gunicorn's parser piece by piece, as it comes. Under any other server, and in tests, ``wsgi.input`` is
read as WSGI has it.

Nothing that came is lost: when a client stalls, is too slow or leaves, what waits to be handed on is, before the error.
``docs/decisions/request-bodies.rst`` says more.
"""

import time
from collections.abc import Iterator
from typing import Any, Protocol

from gunicorn.http import errors as gunicorn_errors
from gunicorn.http.body import Body, ChunkedReader, LengthReader

from ocireg.errors import BAD_REQUEST, BodyTooLarge, ClientGone, RegistryError
from ocireg.web.pace import Pace, TooSlow

PIECE = 1024 * 1024
"""The largest piece, and the buffer of each request (bytes)."""
ENOUGH = 256 * 1024
"""A piece is handed on when it has so many bytes: small ones cost more than they weigh."""
PATIENCE = 1.0
"""Seconds after a piece from which whatever comes is handed on: a claim on an upload lives on pieces."""

Chunk = bytes | bytearray | memoryview


def read_body(environ: dict[str, Any], limit: int | None) -> Iterator[Chunk]:
    """Yield the body; a piece is good until the next one is asked for.

    ``ClientGone`` if it ends early, stalls past the time-out or comes too slowly; ``BodyTooLarge`` when more than
    ``limit`` bytes come; UNSUPPORTED with 400 if its chunks are malformed. A body that is not read to its end closes
    the connection.
    """
    count = 0
    try:
        for piece in _pieces(environ):
            count += len(piece)
            if limit is not None and count > limit:
                raise BodyTooLarge
            yield piece
    except TooSlow as error:
        raise ClientGone(str(error)) from error
    except (gunicorn_errors.NoMoreData, OSError) as error:
        raise ClientGone(f"the client left before its body was whole ({type(error).__name__})") from error
    except gunicorn_errors.ParseException as error:
        raise RegistryError(BAD_REQUEST, "the chunks of the body are malformed") from error


def _pieces(environ: dict[str, Any]) -> Iterator[Chunk]:
    length = int(environ.get("CONTENT_LENGTH") or 0)
    stream = environ["wsgi.input"]
    reader = getattr(stream, "reader", None)
    if isinstance(stream, Body) and isinstance(reader, LengthReader) and not stream.buf.tell():
        return _from_socket(stream, reader, Pace.of(environ))
    if isinstance(stream, Body) and isinstance(reader, ChunkedReader) and not stream.buf.tell():
        return _from_chunks(stream, reader, Pace.of(environ))
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


def _from_socket(stream: Body, reader: LengthReader, pace: Pace) -> Iterator[Chunk]:
    """Read what was buffered with the head, then the socket itself; keep gunicorn's count right for what comes next."""
    buffered = reader.unreader.take_buffered()
    if len(buffered) > reader.length:
        reader.unreader.unread(buffered[reader.length :])
        buffered = buffered[: reader.length]
    reader.length -= len(buffered)
    if buffered:
        yield buffered
    stream.failed = True  # until the body is whole, nobody knows where the next request begins
    yield from _gathered(_Socket(reader, pace))
    stream.failed = False


def _from_chunks(stream: Body, reader: ChunkedReader, pace: Pace) -> Iterator[Chunk]:
    """Take the pieces that gunicorn's parser of chunks finds; its own reads, of framing too, are at our pace."""
    stream.failed = True
    unreader = reader.req.unreader
    plain = unreader.chunk
    unreader.chunk = lambda size_hint=None: pace.wait(plain, size_hint)
    try:
        yield from _gathered(_Chunks(reader))
    finally:
        unreader.chunk = plain
    reader.parser = None
    stream.failed = False


class _Source(Protocol):
    """A body as it arrives."""

    def arrivals(self) -> Iterator[int]:
        """Yield how many bytes arrived, each time that some do. ``OSError`` if the body ends early, or stalls."""

    def take(self) -> Chunk:
        """Return what arrived since it was last taken; good until more is asked for."""


class _Socket:
    """A body of known length, received into one buffer."""

    def __init__(self, reader: LengthReader, pace: Pace) -> None:
        self._reader = reader
        self._pace = pace
        self._buffer = memoryview(bytearray(min(PIECE, reader.length)))
        self._filled = 0

    def arrivals(self) -> Iterator[int]:
        receive = self._reader.unreader.sock.recv_into
        while self._reader.length:
            free = self._buffer[self._filled : self._filled + self._reader.length]
            count = self._pace.wait(receive, free)
            if not count:
                raise gunicorn_errors.NoMoreData
            self._reader.length -= count
            self._filled += count
            yield count

    def take(self) -> Chunk:
        filled, self._filled = self._filled, 0
        return self._buffer[:filled]


class _Chunks:
    """A chunked body, in the pieces of gunicorn's parser."""

    def __init__(self, reader: ChunkedReader) -> None:
        self._reader = reader
        self._waiting: list[bytes] = []

    def arrivals(self) -> Iterator[int]:
        for piece in filter(None, self._reader.parser or ()):
            self._waiting.append(piece)
            yield len(piece)

    def take(self) -> Chunk:
        waiting, self._waiting = self._waiting, []
        return waiting[0] if len(waiting) == 1 else b"".join(waiting)


def _gathered(source: _Source) -> Iterator[Chunk]:
    """Yield what arrives in pieces of ``ENOUGH``; what came before an end too early is handed on before the error."""
    size, began = 0, time.monotonic()
    try:
        for count in source.arrivals():
            size += count
            if size >= ENOUGH or time.monotonic() - began > PATIENCE:
                yield source.take()
                size, began = 0, time.monotonic()
    except OSError:  # gunicorn's NoMoreData is one
        if size:
            yield source.take()
        raise
    if size:
        yield source.take()
