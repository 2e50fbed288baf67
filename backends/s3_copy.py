"""Takes over what is whole of a multipart upload whose writer may still be alive."""

import logging
from contextlib import suppress
from itertools import pairwise

from backends.errors import BackendError, NotFound, SessionLost
from backends.part_sizes import Sizes
from backends.retry import patiently
from backends.s3_bucket import Bucket
from backends.s3_state import SentPart, State

COPY = 256 * 1024 * 1024
"""So many bytes are copied by one request, where parts may be of any size; more where the parts would be too many."""

log = logging.getLogger(__name__)


def copy_whole(
    bucket: Bucket, source: str, target: str, state: State, sizes: Sizes
) -> tuple[str, tuple[SentPart, ...]]:
    """Begin an upload to ``target`` with the whole parts of that to ``source``; return its id and the parts.

    The former upload ends first, so that its writer finds nothing when it wakes: it is completed with its whole parts,
    an object that no row refers to, or aborted where it has none. The object stays until the caller is done with it.
    ``SessionLost`` if the parts are gone.
    """
    if not state.whole:
        if state.upload:
            with suppress(SessionLost):
                patiently(lambda: bucket.abort(source, state.upload))
        return patiently(lambda: bucket.create(target)), ()
    size = sum(part.size for part in state.whole)
    try:
        patiently(lambda: bucket.complete(source, state.upload, state.whole))
    except SessionLost:
        _require(bucket, source, size)  # somebody who took it over before has done so already
    upload = patiently(lambda: bucket.create(target))
    log.info("an upload was taken over: copying %d bytes of it within the store", size)
    try:
        return upload, tuple(_copied(bucket, source, target, upload, marks_of(size, state, sizes)))
    except BaseException:
        with suppress(BackendError):
            bucket.abort(target, upload)
        raise


def _require(bucket: Bucket, name: str, size: int) -> None:
    try:
        if patiently(lambda: bucket.head(name)).size == size:
            return
    except NotFound:
        pass
    raise SessionLost("the parts of the upload are gone")


def marks_of(size: int, state: State, sizes: Sizes) -> list[int]:
    """Return where the copied parts begin and end: equal to the former where parts must be, else large and few."""
    if not sizes.elastic:
        return [*range(0, size, state.whole[0].size), size]
    count = min(-(-size // COPY), sizes.elastic)
    return [size * number // count for number in range(count + 1)]


def _copied(bucket: Bucket, source: str, target: str, upload: str, marks: list[int]) -> list[SentPart]:
    def copy(number: int, start: int, stop: int) -> SentPart:
        whole = len(marks) == 2
        return patiently(lambda: bucket.copy(source, (start, stop), target, upload, number, whole=whole))

    return [copy(number, start, stop) for number, (start, stop) in enumerate(pairwise(marks), 1)]
