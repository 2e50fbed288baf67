"""Request bodies, whole or chunked, in large pieces."""

from collections.abc import Iterator
from typing import Any

from ocireg.errors import BodyTooLarge, ClientGone

PIECE = 1024 * 1024


def read_body(environ: dict[str, Any], limit: int | None, piece: int = PIECE) -> Iterator[bytes]:
    """Yield the body. ``ClientGone`` if it ends early, ``BodyTooLarge`` when more than ``limit`` bytes come."""
    length = environ.get("CONTENT_LENGTH")
    left = int(length) if length else None
    if left is None and not environ.get("wsgi.input_terminated"):
        return
    stream = environ["wsgi.input"]
    count = 0
    while left is None or left > 0:
        try:
            data = stream.read(piece if left is None else min(piece, left))
        except OSError as error:
            raise ClientGone(f"the client left: {error}") from error
        if not data:
            if left is None:
                return
            raise ClientGone("the client left before its body was whole")
        count += len(data)
        if limit is not None and count > limit:
            raise BodyTooLarge
        if left is not None:
            left -= len(data)
        yield data
