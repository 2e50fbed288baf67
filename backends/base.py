"""The storage contract: opaque keys, bytes, and upload sessions that any process can continue.

Eleven operations; every driver has all of them, there are no capability flags and no optional interfaces:
``stat open url put delete scan`` on objects, ``begin append commit abort scan_uploads`` on sessions.

**Keys** are chosen by the caller, random, and never re-used: ``segment/segment/…`` of ``[a-z0-9._-]``, at most 200
characters, no segment that begins with a dot, and no key that is a folder of another (``x`` beside ``x/y``). What is
not of this form raises ``InvalidKey``, from every operation.

**Visibility.** Nothing is visible under its key before ``commit`` or ``put`` has happened; then all of it is, at
once. Two writers of one key leave the whole object of one of them. After ``commit`` or ``put`` has returned, the
object survives the loss of power.

**Sessions** are frozen values. ``append`` returns a *new* session; the caller stores it, and any process on any
machine goes on from what was stored. A caller that died before storing it goes on from the old value: bytes past
``Session.size`` are not part of the session, and the next ``append`` replaces them. Bytes that ``append`` has
acknowledged survive the death of every process; if they did not survive a loss of power, ``append`` and ``commit``
raise ``SessionLost`` and never commit anything else than what was appended.

**Two writers never share a place.** One caller at a time appends to a session, from its newest value. Where a former
caller never came back it may still be alive (stopped, or waiting for its client), and the next one says so with
``Session.successor``, a new key. Then ``append`` either raises ``SessionBusy`` or returns a session that shares nothing
with the former one, whatever that does when it wakes; its key, and that of all it has in the store meanwhile, is the
former or the new one: the key that counts is the one of the session that was committed. ``commit`` takes the session
that the last ``append`` returned; of a session that a contested ``append`` has left behind it raises ``SessionLost``,
or commits exactly its own bytes under a key of its own. After a writer died in the middle, an ``append`` (of nothing,
if nothing is left) comes before ``commit``.

Errors are those of ``backends.errors``. An exception raised by ``chunks`` passes through ``append`` unchanged.
All sizes are bytes, all times are aware datetimes in UTC, all ranges are half-open ``[start, stop)``.
Drivers are used by many threads at once, and created again in each process.
"""

import json
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import BinaryIO, Self

from backends.errors import InvalidKey, SessionLost

MAX_KEY = 200
_KEY = re.compile(r"(?!\.)[a-z0-9._-]+(?:/(?!\.)[a-z0-9._-]+)*")

Chunk = bytes | bytearray | memoryview
Json = str | int | bool | None | list["Json"] | dict[str, "Json"]


def check_key(key: str) -> str:
    """Return ``key``, or raise ``InvalidKey`` if it is not of the grammar above."""
    if len(key) > MAX_KEY or not _KEY.fullmatch(key):
        raise InvalidKey(f"not a key: {key[:80]!r}")
    return key


@dataclass(frozen=True, slots=True)
class ObjectInfo:
    """A committed object: its key, its size in bytes, when it was committed (UTC)."""

    key: str
    size: int
    modified: datetime


@dataclass(frozen=True, slots=True)
class Session:
    """An upload under way: the key it will have, the bytes it holds so far, and what the driver needs to go on.

    ``successor`` is said by who takes it over from a writer that may still be alive, and is not stored: a new key, for
    where the former one must not be shared. The caller chooses it, like every key, and so can note it before anything
    is in the store under it.

    ``received`` is when its last byte came, by the clock of the process that took it, which may go on to ``commit``
    or ``abort``: seconds. It is not stored.
    """

    key: str
    size: int = 0
    state: Mapping[str, Json] = field(default_factory=lambda: MappingProxyType({}))
    successor: str = ""
    received: float | None = field(default=None, compare=False)

    @property
    def contested(self) -> bool:
        """Say whether a former writer may still be alive."""
        return bool(self.successor)

    def dump(self) -> str:
        """Return the session as JSON, for ``load`` in any other process."""
        return json.dumps({"key": self.key, "size": self.size, "state": dict(self.state)}, separators=(",", ":"))

    @classmethod
    def load(cls, text: str) -> Self:
        """Return the session that ``dump`` wrote; ``SessionLost`` if ``text`` is not one."""
        try:
            found = json.loads(text)
            key, size, state = found["key"], found["size"], found["state"]
        except (ValueError, TypeError, KeyError) as error:
            raise SessionLost("not a stored session") from error
        if not isinstance(key, str) or type(size) is not int or size < 0 or not isinstance(state, dict):
            raise SessionLost("not a stored session")
        return cls(check_key(key), size, MappingProxyType(state))


@dataclass(frozen=True, slots=True)
class Limits:
    """What a store can do as it is configured; None where nothing bounds it.

    ``size``: bytes of the largest object. ``uploads``: how many ``append`` at once find room in one process while their
    callers go on sending; further ones wait, and get ``Unavailable`` when they have waited for long.
    """

    size: int | None = None
    uploads: int | None = None


@dataclass(frozen=True, slots=True)
class OpenUpload:
    """A session found in the store by ``scan_uploads``: good for ``abort`` alone; and when it last moved (UTC)."""

    session: Session
    modified: datetime


class Backend(ABC):
    """A store of objects. See the module's text for what holds of all operations."""

    limits = Limits()

    @abstractmethod
    def stat(self, key: str) -> ObjectInfo:
        """Describe the object. ``NotFound``."""

    @abstractmethod
    def open(self, key: str, start: int = 0, stop: int | None = None) -> BinaryIO:
        """Read ``[start, stop)`` of the object; ``stop`` of None, or past the end, means its end.

        The reader yields exactly those bytes and then ``b""``, or raises ``Unavailable``: a short read is never
        silent. Its ``fileno()`` is a real file, that of the whole object, positioned at ``start``, where the driver
        has one (the receiver bounds the length itself, for sendfile), and raises ``io.UnsupportedOperation``
        elsewhere. The caller closes it.
        ``NotFound``; ``InvalidRange`` if ``start`` is past the end (at the end is an empty read) or ``stop < start``.
        """

    @abstractmethod
    def url(self, key: str, expires: int, content_type: str, disposition: str) -> str | None:
        """Return a URL that serves a GET of the object for ``expires`` seconds, or None: read it with ``open``.

        Answers to that GET carry the Content-Type and the Content-Disposition given here.
        """

    @abstractmethod
    def put(self, key: str, data: bytes) -> None:
        """Store a small object whole, replacing any that is there. ``NoSpace``."""

    @abstractmethod
    def delete(self, key: str) -> None:
        """Remove the object; an absent one is no error. ``x`` never takes ``x/y`` or ``xy`` with it."""

    @abstractmethod
    def scan(self, prefix: str = "", after: str = "") -> Iterator[ObjectInfo]:
        """Yield the objects whose key begins with ``prefix`` and is greater than ``after``, in byte order of keys.

        Objects that come or go meanwhile may or may not be seen. Memory is bounded by one folder or page.
        """

    @abstractmethod
    def begin(self, key: str) -> Session:
        """Begin an upload of a new object ``key``."""

    @abstractmethod
    def append(self, session: Session, chunks: Iterable[Chunk]) -> Session:
        """Store ``chunks`` behind the first ``session.size`` bytes; return the session that has them.

        Memory is bounded whatever the length. Chunks may be ``bytes``, ``bytearray`` or ``memoryview`` and are not
        kept.
        ``SessionLost``, ``SessionBusy``, ``NoSpace``, ``TooLarge``; on any error the session given stays as good as it
        was.
        """

    @abstractmethod
    def commit(self, session: Session) -> None:
        """Make the session's bytes the object ``session.key``, durably, at a cost that does not grow with its size.

        A commit that was done already succeeds again. ``SessionLost``, ``SessionBusy``.
        """

    @abstractmethod
    def abort(self, session: Session) -> None:
        """Remove all that the session left in the store; a session that is gone, or committed, is no error.

        What was committed under its key stays.
        """

    @abstractmethod
    def scan_uploads(self) -> Iterator[OpenUpload]:
        """Yield every session, and every left-over of one, that was neither committed nor aborted, in no order."""
