"""Backends around Backends: what is done around every operation is one method."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, TypeVar

from backends.base import Backend, Chunk, ObjectInfo, OpenUpload, Session

T = TypeVar("T")


class Around(Backend):
    """Hands every operation on to ``backend``, through ``around``."""

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self.limits = backend.limits

    @abstractmethod
    def around(self, operation: str, call: Callable[[], T]) -> T:
        """Do what is to be done around ``call``, which does the operation of that name; return what it returns."""

    def stat(self, key: str) -> ObjectInfo:
        """See ``Backend``."""
        return self.around("stat", lambda: self._backend.stat(key))

    def open(self, key: str, start: int = 0, stop: int | None = None) -> BinaryIO:
        """See ``Backend``."""
        return self.around("open", lambda: self._backend.open(key, start, stop))

    def url(self, key: str, expires: int, content_type: str, disposition: str) -> str | None:
        """See ``Backend``."""
        return self.around("url", lambda: self._backend.url(key, expires, content_type, disposition))

    def put(self, key: str, data: bytes) -> None:
        """See ``Backend``."""
        self.around("put", lambda: self._backend.put(key, data))

    def delete(self, key: str) -> None:
        """See ``Backend``."""
        self.around("delete", lambda: self._backend.delete(key))

    def scan(self, prefix: str = "", after: str = "") -> Iterator[ObjectInfo]:
        """See ``Backend``."""
        return self.around("scan", lambda: self._backend.scan(prefix, after))

    def begin(self, key: str) -> Session:
        """See ``Backend``."""
        return self.around("begin", lambda: self._backend.begin(key))

    def append(self, session: Session, chunks: Iterable[Chunk]) -> Session:
        """See ``Backend``."""
        return self.around("append", lambda: self._backend.append(session, chunks))

    def commit(self, session: Session) -> None:
        """See ``Backend``."""
        self.around("commit", lambda: self._backend.commit(session))

    def abort(self, session: Session) -> None:
        """See ``Backend``."""
        self.around("abort", lambda: self._backend.abort(session))

    def scan_uploads(self) -> Iterator[OpenUpload]:
        """See ``Backend``."""
        return self.around("scan_uploads", self._backend.scan_uploads)
