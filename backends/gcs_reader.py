"""Reads ranges of objects in Google Cloud Storage, as they were stored: nothing on the way unpacks them."""

import re
from typing import BinaryIO, cast

import requests

from backends.errors import InvalidRange, NotFound, Unavailable
from backends.gcs_client import Bucket
from backends.remote import RemoteReader


class Media:
    """The body of an answer. Its errors are the driver's."""

    def __init__(self, bucket: Bucket, answer: requests.Response) -> None:
        self._bucket = bucket
        self._answer = answer

    def read(self, size: int) -> bytes:
        """Read up to ``size`` bytes."""
        with self._bucket.translated():
            data: bytes = self._answer.raw.read(size, decode_content=False)
            return data

    def close(self) -> None:
        """Let go of the connection."""
        self._answer.close()


def open_range(bucket: Bucket, name: str, start: int, stop: int | None) -> BinaryIO:
    """Return a reader of ``[start, stop)``. ``NotFound``, ``InvalidRange``.

    Where a connection breaks, the rest is asked for of the same generation: an object put again is not mixed in.
    """
    if start < 0 or (stop is not None and stop < start):
        raise InvalidRange(f"[{start}, {stop})")
    if start == stop:  # a request cannot ask for a range of nothing
        return _nothing(bucket.stat(name).size, start)
    answer = bucket.get(name, start, stop, None)
    try:
        size = _size(bucket, name, answer, start)
    except BaseException:
        answer.close()
        raise
    if start >= size:
        answer.close()
        return _nothing(size, start)
    end = size if stop is None else min(stop, size)
    generation = answer.headers.get("x-goog-generation")

    def rest(at: int) -> Media:
        try:
            answer = bucket.get(name, at, end, generation)
            if _size(bucket, name, answer, at) != size:
                raise Unavailable(f"{name} is another object than it was")
        except NotFound as error:
            raise Unavailable(f"{name} went while it was read") from error
        return Media(bucket, answer)

    return cast("BinaryIO", RemoteReader(rest, Media(bucket, answer), start, end, size))


def _nothing(size: int, start: int) -> BinaryIO:
    if start > size:
        raise InvalidRange(f"[{start}, …) of {size} bytes")
    return cast("BinaryIO", RemoteReader.empty(size))


def _size(bucket: Bucket, name: str, answer: requests.Response, at: int) -> int:
    """Return the size of the whole object. ``Unavailable`` if the answer does not begin at ``at``."""
    if answer.status_code == 416:  # at the end, or past it: not every store says which
        size = bucket.stat(name).size
        if at >= size:
            return size
    found = re.fullmatch(r"bytes (\d+)-.*/(\d+)", answer.headers.get("content-range", ""))
    if answer.status_code != 206 or not found or int(found[1]) != at:
        raise Unavailable(f"{name}: the store does not answer with the range that it was asked for")
    return int(found[2])
