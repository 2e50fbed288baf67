"""Objects in the memory of one process: for tests and trials. ``memory:`` is a new store, ``memory:name`` shared."""

import io
import threading
import uuid
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from types import MappingProxyType
from typing import BinaryIO

from backends.base import Backend, Chunk, ObjectInfo, OpenUpload, Session, check_key
from backends.errors import InvalidRange, NotFound, SessionBusy, SessionLost

_STORES: dict[str, "MemoryBackend"] = {}
_NAMING = threading.Lock()


def from_url(url: str) -> "MemoryBackend":
    """Return the store of that name in this process."""
    name = url.removeprefix("memory:")
    if not name:
        return MemoryBackend()
    with _NAMING:
        return _STORES.setdefault(name, MemoryBackend())


class _Upload:
    """The bytes of a session, the mark of who appended last, and whether somebody does now."""

    def __init__(self, key: str) -> None:
        self.key = key
        self.data = bytearray()
        self.mark = ""
        self.busy = False
        self.modified = datetime.now(UTC)


class _Copy(io.BytesIO):
    """A part of an object; ``size`` is that of the whole."""

    def __init__(self, part: bytes, size: int) -> None:
        super().__init__(part)
        self.size = size


class MemoryBackend(Backend):
    """See ``backends.base``."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._objects: dict[str, tuple[bytes, datetime]] = {}
        self._uploads: dict[str, _Upload] = {}

    def stat(self, key: str) -> ObjectInfo:
        """Describe the object."""
        data, modified = self._get(key)
        return ObjectInfo(key, len(data), modified)

    def open(self, key: str, start: int = 0, stop: int | None = None) -> BinaryIO:
        """Read a copy."""
        data, _ = self._get(key)
        if not 0 <= start <= len(data) or (stop is not None and stop < start):
            raise InvalidRange(f"[{start}, {stop}) of {len(data)} bytes")
        return _Copy(data[start:stop], len(data))

    def url(self, key: str, expires: int, content_type: str, disposition: str) -> str | None:  # noqa: ARG002
        """Return None: nobody else can read this memory."""
        check_key(key)
        return None

    def put(self, key: str, data: bytes) -> None:
        """Keep ``data``."""
        check_key(key)
        with self._lock:
            self._objects[key] = bytes(data), datetime.now(UTC)

    def delete(self, key: str) -> None:
        """Forget the object."""
        check_key(key)
        with self._lock:
            self._objects.pop(key, None)

    def scan(self, prefix: str = "", after: str = "") -> Iterator[ObjectInfo]:
        """Yield what is there now, in order."""
        with self._lock:
            found = sorted((key, len(data), modified) for key, (data, modified) in self._objects.items())
        for key, size, modified in found:
            if key.startswith(prefix) and key > after:
                yield ObjectInfo(key, size, modified)

    def begin(self, key: str) -> Session:
        """Begin with nothing."""
        upload = _Upload(check_key(key))
        name = uuid.uuid4().hex
        with self._lock:
            self._uploads[name] = upload
        return _session(key, 0, name, upload.mark)

    def append(self, session: Session, chunks: Iterable[Chunk]) -> Session:
        """Take ``chunks``, if nobody else is at it: ``SessionBusy``. Taken over, in a copy."""
        if session.contested:
            return self._take_over(session, chunks)
        with self._lock:
            upload = self._held(session)
            if len(upload.data) < session.size:
                raise SessionLost("the upload is shorter than what was acknowledged")
            upload.busy = True
        added = bytearray()
        try:
            for chunk in chunks:
                added += chunk
        finally:
            upload.busy = False
        with self._lock:
            del upload.data[session.size :]
            upload.data += added
            upload.mark = uuid.uuid4().hex
            upload.modified = datetime.now(UTC)
            return _session(session.key, len(upload.data), str(session.state["upload"]), upload.mark)

    def _take_over(self, session: Session, chunks: Iterable[Chunk]) -> Session:
        """Go on in a copy, under the new key: the former writer may be alive, and keeps what it has."""
        with self._lock:
            data = bytes(self._known(session).data[: session.size])
        if len(data) < session.size:
            raise SessionLost("the upload is shorter than what was acknowledged")
        fresh = self.begin(session.successor)
        try:
            return self.append(self.append(fresh, [data]), chunks)
        except BaseException:
            self.abort(fresh)
            raise

    def commit(self, session: Session) -> None:
        """Make the bytes an object."""
        with self._lock:
            name = str(session.state.get("upload"))
            done = self._objects.get(session.key)
            if name not in self._uploads and done is not None and len(done[0]) == session.size:
                return
            upload = self._held(session)
            if (len(upload.data), upload.mark) != (session.size, session.state.get("mark")):
                raise SessionLost("the upload is not as this session left it")
            self._objects[session.key] = bytes(upload.data), datetime.now(UTC)
            del self._uploads[name]

    def abort(self, session: Session) -> None:
        """Forget the upload."""
        check_key(session.key)
        with self._lock:
            self._uploads.pop(str(session.state.get("upload")), None)

    def scan_uploads(self) -> Iterator[OpenUpload]:
        """Yield what is there now."""
        with self._lock:
            found = [(one.key, name, one.modified) for name, one in self._uploads.items()]
        for key, name, modified in found:
            yield OpenUpload(_session(key, 0, name, ""), modified)

    def _get(self, key: str) -> tuple[bytes, datetime]:
        with self._lock:
            found = self._objects.get(check_key(key))
        if found is None:
            raise NotFound(key)
        return found

    def _known(self, session: Session) -> _Upload:
        found = self._uploads.get(str(session.state.get("upload")))
        if found is None:
            raise SessionLost("the upload is gone")
        return found

    def _held(self, session: Session) -> _Upload:
        found = self._known(session)
        if found.busy:
            raise SessionBusy("another writer is at it")
        return found


def _session(key: str, size: int, name: str, mark: str) -> Session:
    return Session(key, size, MappingProxyType({"upload": name, "mark": mark}))
