"""Objects in an S3 bucket: ``s3://bucket/prefix?endpoint=…``. See ``backends.base`` for what holds of all drivers.

Layout, below the prefix::

    <key>                           an object
    .tails/<key with ~>~<hex>       the tail of an upload under way: bytes that are no lawful part yet

An upload is a multipart upload straight to its final key, begun with its first byte; commit is one request. What is
left below a part at the end of an ``append`` is sent as the last part, so that commit completes with what is there,
and parked in a side object of a new name at once; a further ``append`` begins with those bytes and takes that part
number over.

Fences: a part that somebody overwrote has another ETag than the session names, and commit fails. A contested session
ends the former writer's multipart upload, copies what is whole of it (within the store) and goes on under a new key.
"""

import uuid
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import BinaryIO, cast

from backends.base import Backend, Chunk, Limits, ObjectInfo, OpenUpload, Session, check_key
from backends.budget import Budget, Room
from backends.cutter import cut, send_all
from backends.deadline import Deadline, deadline_since, in_context, one_deadline
from backends.errors import BackendError, InvalidRange, NotFound, SessionLost, Unavailable
from backends.part_sizes import Sizes
from backends.parts import Part, read_pieces
from backends.remote import RemoteReader
from backends.retry import patiently
from backends.s3_advice import advice_for
from backends.s3_bucket import Bucket
from backends.s3_copy import copy_whole
from backends.s3_sizes import sizes_of
from backends.s3_state import SentPart, State
from backends.urls import Place

OPTIONS = frozenset(
    {
        "addressing", "buffer", "checksums", "encryption", "endpoint", "kms_key", "part_size", "region", "spool",
        "storage_class",
    }
)  # fmt: skip
BUFFER = 128 * 1024 * 1024
SPOOL = 8 * 1024 * 1024 * 1024
SIDE = ".tails/"
"""No key has a segment that begins with a dot, so side objects collide with none; SeaweedFS has .uploads for itself."""


def from_url(url: str) -> "S3Backend":
    """Return the driver for ``s3://bucket/prefix?option=…``; it asks the store nothing yet. ``Misconfigured``."""
    place = Place.parse(url, OPTIONS)
    sizes = sizes_of(place)
    room = Room(Budget(place.size("buffer", BUFFER)), Budget(place.size("spool", SPOOL), "spool"))
    sizes.require(room)
    return S3Backend(Bucket(place), place.prefix, sizes, room)


def advice(url: str) -> list[str]:
    """Return what an operator should mend about the bucket. See ``backends.advice``."""
    return advice_for(Place.parse(url, OPTIONS))


class S3Backend(Backend):
    """See the module's text."""

    def __init__(self, bucket: Bucket, prefix: str, sizes: Sizes, room: Room) -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._sizes = sizes
        self._room = room
        self.limits = Limits(sizes.capacity, sizes.at_once(room))
        self._senders = ThreadPoolExecutor(32, "s3-part")
        self._parkers = ThreadPoolExecutor(8, "s3-tail")  # of their own: senders wait for them

    def stat(self, key: str) -> ObjectInfo:
        """Ask for the object's head."""
        found = self._bucket.head(self._name(key))
        return ObjectInfo(key, found.size, found.modified)

    def open(self, key: str, start: int = 0, stop: int | None = None) -> BinaryIO:
        """Read ``[start, stop)``; a connection that breaks is replaced."""
        name = self._name(key)
        if start < 0 or (stop is not None and stop < start):
            raise InvalidRange(f"[{start}, {stop})")
        if stop == start:
            return self._nothing(key, start)
        try:
            body, end, size = self._bucket.get(name, start, stop)
        except InvalidRange:
            return self._nothing(key, start)
        reader = RemoteReader(lambda at: self._bucket.get(name, at, end)[0], body, start, end, size)
        return cast("BinaryIO", reader)

    def _nothing(self, key: str, start: int) -> BinaryIO:
        """Return an empty reader, if the object reaches to ``start``."""
        size = self.stat(key).size
        if start > size:
            raise InvalidRange(f"[{start}, …) of {size} bytes")
        return cast("BinaryIO", RemoteReader.empty(size))

    def url(self, key: str, expires: int, content_type: str, disposition: str) -> str | None:
        """Presign a GET."""
        return self._bucket.presign(self._name(key), expires, content_type, disposition)

    def put(self, key: str, data: bytes) -> None:
        """Put."""
        self._bucket.put(self._name(key), data)

    def delete(self, key: str) -> None:
        """Delete."""
        self._bucket.delete(self._name(key))

    def scan(self, prefix: str = "", after: str = "") -> Iterator[ObjectInfo]:
        """List folder by folder: stores differ in the order in which they list across folders."""
        folder = prefix[: prefix.rfind("/") + 1]
        for one in self._scan(folder, after):
            if one.key.startswith(prefix) and one.key > after:
                yield one

    def _scan(self, folder: str, after: str) -> Iterator[ObjectInfo]:
        objects, folders = self._bucket.folder(self._prefix + folder)
        cut_off = len(self._prefix)
        found: list[tuple[str, ObjectInfo | None]] = [
            (one.name[cut_off:], ObjectInfo(one.name[cut_off:], one.size, one.modified)) for one in objects
        ]
        found += ((name[cut_off:], None) for name in folders)
        for name, info in sorted(found, key=lambda one: one[0]):
            if info is not None:
                yield info
            elif name != SIDE and (name > after or after.startswith(name)):
                yield from self._scan(name, after)

    def begin(self, key: str) -> Session:
        """Begin with nothing in the store."""
        check_key(key)
        return State().session(key)

    def append(self, session: Session, chunks: Iterable[Chunk]) -> Session:
        """Send what comes in parts, two of them while the next one fills."""
        with one_deadline(Deadline(held=True)) as deadline:
            return replace(self._append(session, deadline.watch(chunks), deadline), received=deadline.began)

    def _append(self, session: Session, chunks: Iterable[Chunk], deadline: Deadline) -> Session:
        state, key = State.of(session), session.key
        some = (chunk for chunk in chunks if len(chunk))
        first = next(some, None)
        if first is None and not session.contested:
            return session
        if session.contested:
            key = check_key(session.successor)
            begun, kept = copy_whole(self._bucket, self._name(session.key), self._name(key), state, self._sizes)
        else:
            begun = state.upload or patiently(lambda: self._bucket.create(self._name(key)))
            kept = state.whole
        mine = begun != state.upload
        parked: list[str] = []
        head = [] if first is None else [first]
        parts = cut(chain(self._tail(state), head, some), len(kept) + 1, self._sizes, self._room)
        try:
            sent = send_all(parts, partial(self._send, key, begun, parked), self._senders)
        except BaseException:
            deadline.run()
            self._remove(parked)
            if mine:
                self._end(key, begun)
            raise
        self._remove(state.stale)
        stale = [state.tail] if state.tail else []
        if session.contested and state.whole:
            stale.append(self._name(session.key))
        return State(begun, (*kept, *sent), parked[0] if parked else "", tuple(stale)).session(key)

    def _tail(self, state: State) -> Iterator[bytes]:
        """Read the tail back. ``SessionLost`` if it is gone."""
        if not state.tail:
            return
        try:
            body, end, _ = patiently(lambda: self._bucket.get(state.tail, 0, None))
        except NotFound as error:
            raise SessionLost("the tail of the upload is gone") from error
        if end != state.tail_size:
            raise SessionLost("the tail of the upload is not what was parked")
        yield from read_pieces(RemoteReader(lambda at: self._bucket.get(state.tail, at, end)[0], body, 0, end))

    def _send(self, key: str, upload: str, parked: list[str], part: Part) -> SentPart:
        """Send a part, and park it at the same time if it is too small to stay."""
        parking = None
        if not self._sizes.may_be_cut(part.number, part.size):
            parked.append(f"{self._prefix}{SIDE}{key.replace('/', '~')}~{uuid.uuid4().hex[:12]}")
            parking = self._parkers.submit(in_context(patiently), lambda: self._bucket.put(parked[0], part.open()))
        try:
            name = self._name(key)
            return patiently(lambda: self._bucket.send(name, upload, part.number, part.open(), part.size))
        finally:
            if parking is not None:
                parking.result()

    def commit(self, session: Session) -> None:
        """Complete the multipart upload: one request, whatever the size."""
        with deadline_since(session.received):
            self._commit(session)

    def _commit(self, session: Session) -> None:
        state, name = State.of(session), self._name(session.key)
        if not session.size:  # an upload of no parts cannot be completed
            self._bucket.put(name, b"")
            self._end(session.key, state.upload)
            return
        try:
            self._complete(session.key, state)
        except (SessionLost, Unavailable):
            if not self._committed(session):
                self._bucket.require_upload(name, state.upload)
                raise
        self._remove([*([state.tail] if state.tail else []), *state.stale])

    def _complete(self, key: str, state: State) -> None:
        try:
            self._bucket.complete(self._name(key), state.upload, state.parts)
        except SessionLost:
            # A writer that failed may have replaced the last part, which was no whole one: put it back, once.
            if not state.tail:
                raise
            parts = cut(self._tail(state), len(state.parts), self._sizes, self._room)
            name = self._name(key)
            sent = send_all(
                parts,
                lambda part: self._bucket.send(name, state.upload, part.number, part.open(), part.size),
                self._senders,
            )
            self._bucket.complete(name, state.upload, [*state.whole, *sent])

    def _committed(self, session: Session) -> bool:
        """Say whether a commit of this session has been done, though its answer may have been lost."""
        try:
            return self.stat(session.key).size == session.size
        except NotFound:
            return False

    def abort(self, session: Session) -> None:
        """End the multipart upload and remove the side objects."""
        state = State.of(session)
        with deadline_since(session.received):
            if state.upload:
                with suppress(SessionLost, NotFound):
                    self._bucket.abort(self._name(session.key), state.upload)
            for name in (*([state.tail] if state.tail else []), *state.stale):
                self._bucket.delete(name)

    def scan_uploads(self) -> Iterator[OpenUpload]:
        """List the multipart uploads, and the side objects."""
        for name, upload, modified in self._bucket.uploads(self._prefix):
            key = name[len(self._prefix) :]
            if _is_key(key):
                yield OpenUpload(State(upload).session(key), modified)
        for one in self._bucket.folder(self._prefix + SIDE)[0]:
            key = one.name[len(self._prefix) + len(SIDE) :].rpartition("~")[0].replace("~", "/")
            if _is_key(key):
                yield OpenUpload(State(stale=(one.name,)).session(key), one.modified)

    def _end(self, key: str, upload: str) -> None:
        """Abort an upload that nobody will know, if there is one; the sweep finds one that cannot be reached now."""
        if upload:
            with suppress(BackendError):
                patiently(lambda: self._bucket.abort(self._name(key), upload))

    def _remove(self, names: Iterable[str]) -> None:
        """Remove objects that nobody needs; the sweep finds those that cannot be reached now."""
        for name in names:
            with suppress(BackendError):
                self._bucket.delete(name)

    def _name(self, key: str) -> str:
        return self._prefix + check_key(key)


def _is_key(text: str) -> bool:
    try:
        return bool(check_key(text))
    except BackendError:
        return False
