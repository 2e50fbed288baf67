"""Uploads to Google Cloud Storage: parts are objects of their own, and become the object by one compose.

A session's parts lie in ``.uploads/<key>~<upload>/`` below the driver's prefix, each under a random name. A segment
that begins with a dot is in no key. No two writers share an ``<upload>``.
"""

import re
import secrets
import threading
import uuid
from dataclasses import dataclass
from functools import partial
from types import MappingProxyType

from backends.base import Json, Session, check_key
from backends.errors import InvalidKey, NotFound, SessionLost
from backends.gcs_client import MOST_SOURCES, Bucket
from backends.parts import Part
from backends.retry import patiently

UPLOADS = ".uploads/"
_UPLOAD = re.compile(r"[0-9a-f]{32}")
_NAME = re.compile(r"[0-9a-f]{16}")

Stored = tuple[str, int]
"""A part: its random name, and its size in bytes."""


@dataclass(frozen=True, slots=True)
class Held:
    """What a session holds.

    ``parts``: in their order, at most ``MOST_SOURCES``; the first may be the accumulator, of parts that were folded.
    ``stale``: what the value before this one held, and this one does not.
    """

    key: str
    upload: str
    parts: tuple[Stored, ...] = ()
    stale: tuple[str, ...] = ()

    @classmethod
    def fresh(cls, key: str) -> "Held":
        """Return an upload of nothing yet, which nobody else has."""
        return cls(check_key(key), uuid.uuid4().hex)

    @classmethod
    def of(cls, session: Session) -> "Held":
        """Read a session. ``SessionLost`` if it is not one of this driver."""
        upload, parts, stale = (session.state.get(one) for one in ("upload", "parts", "stale"))
        if not isinstance(upload, str) or not _UPLOAD.fullmatch(upload):
            raise SessionLost("not a session of this driver")
        held = cls(check_key(session.key), upload, _parts(parts), _names(stale))
        if held.size != session.size or len(held.parts) > MOST_SOURCES:
            raise SessionLost("not a session of this driver")
        return held

    @property
    def size(self) -> int:
        """Return how many bytes there are."""
        return sum(size for _, size in self.parts)

    @property
    def folder(self) -> str:
        """Return what the names of its parts begin with, below the driver's prefix."""
        return f"{UPLOADS}{self.key}~{self.upload}/"

    def session(self) -> Session:
        """Return it as a session."""
        state: dict[str, Json] = {
            "upload": self.upload,
            "parts": [[name, size] for name, size in self.parts],
            "stale": list(self.stale),
        }
        return Session(self.key, self.size, MappingProxyType(state))


def _parts(found: Json) -> tuple[Stored, ...]:
    parts: list[Stored] = []
    for one in found if isinstance(found, list) else [None]:
        name, size = one if isinstance(one, list) and len(one) == 2 else (None, None)
        if not isinstance(name, str) or not _NAME.fullmatch(name) or type(size) is not int:
            raise SessionLost("not a session of this driver")
        parts.append((name, size))
    return tuple(parts)


def _names(found: Json) -> tuple[str, ...]:
    """Return names of parts; nothing else, so that no session can name what is not its own."""
    names = found if isinstance(found, list) else [None]
    if not all(isinstance(one, str) and _NAME.fullmatch(one) for one in names):
        raise SessionLost("not a session of this driver")
    return tuple(str(one) for one in names)


class Gathering:
    """The parts of one ``append``, in their order, whichever is stored first.

    When there are as many as one compose takes, and one more comes, they are folded into one. What the session before
    names is not touched: its caller may need it again.
    """

    def __init__(self, bucket: Bucket, prefix: str, before: Held) -> None:
        self._bucket = bucket
        self._before = before
        self._folder = prefix + before.folder
        self._parts = list(before.parts)
        self._early: dict[int, Stored] = {}
        self._next = 1
        self._lock = threading.Lock()
        self._made: set[str] = set()

    def send(self, part: Part) -> None:
        """Store a part; several threads may."""
        name = self._new()
        patiently(partial(self._bucket.send, self._folder + name, part))
        with self._lock:
            self._early[part.number] = (name, part.size)
            while self._next in self._early:
                if len(self._parts) == MOST_SOURCES:
                    self._fold()
                self._parts.append(self._early.pop(self._next))
                self._next += 1

    def adopt(self, other: str, parts: tuple[Stored, ...]) -> None:
        """Begin with a copy of the parts of another upload, whose folder is ``other``. ``SessionLost``."""
        if parts:
            self._parts = [self._compose(other, parts)]

    def _fold(self) -> None:
        parts = tuple(self._parts)
        self._parts = [self._compose(self._folder, parts)]
        # Of those made here no stored session knows: they go at once, or a long stream would be in the store twice.
        useless = [name for name, _ in parts if name in self._made]
        self._made.difference_update(useless)
        self._bucket.discard(self._folder + name for name in useless)

    def _compose(self, folder: str, parts: tuple[Stored, ...]) -> Stored:
        name, size = self._new(), sum(size for _, size in parts)
        sources = [folder + one for one, _ in parts]
        try:
            composed = patiently(partial(self._bucket.compose, self._folder + name, sources))
        except NotFound as error:
            raise SessionLost("parts of the upload are gone") from error
        if composed.size != size:
            raise SessionLost("parts of the upload are not as they were")
        return name, size

    def _new(self) -> str:
        name = secrets.token_hex(8)
        self._made.add(name)
        return name

    def held(self) -> Held:
        """Return what there is now."""
        kept = {name for name, _ in self._parts}
        stale = tuple(name for name, _ in self._before.parts if name not in kept)
        return Held(self._before.key, self._before.upload, tuple(self._parts), stale)

    def undo(self) -> None:
        """Remove what was made here."""
        self._bucket.discard(self._folder + name for name in sorted(self._made))


def session_of(folder: str) -> Session | None:
    """Return the session whose parts lie in ``<key>~<upload>``, good for ``abort`` alone; None for another name."""
    key, _, upload = folder.rpartition("~")
    session = Session(key, 0, MappingProxyType({"upload": upload}))
    try:
        return session if folder_of(session) else None
    except InvalidKey:
        return None


def folder_of(session: Session) -> str | None:
    """Return what the names of the session's parts begin with; None if it is no session of this driver."""
    upload = session.state.get("upload")
    if not isinstance(upload, str) or not _UPLOAD.fullmatch(upload):
        return None
    return Held(check_key(session.key), upload).folder
