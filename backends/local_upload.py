"""The file of an upload of the local driver: its name, its lock, and the mark that its last writer left."""

import fcntl
import os
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

from backends.base import Session, check_key
from backends.errors import SessionBusy, SessionLost
from backends.files import boot_id, translated


@contextmanager
def held(path: Path, session: Session) -> Iterator[int]:
    """Hold the upload's file. ``SessionLost`` if it is gone or of another boot, ``SessionBusy`` if it is held."""
    require_boot(session)
    with translated():
        try:
            descriptor = os.open(path, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
        except FileNotFoundError:
            raise SessionLost("the upload's file is gone") from None
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise SessionBusy("another writer holds the upload's file") from None
        if not is_still(descriptor, path):
            raise SessionLost("the upload's file is gone")
        yield descriptor
    finally:
        os.close(descriptor)


def new_name(key: str) -> str:
    """Return a new name for an upload's file, from which its key can be read."""
    return f"{check_key(key).replace('/', '~')}~{uuid.uuid4().hex[:12]}"


def session_of(key: str, size: int, name: str, mark: int) -> Session:
    """Return the session whose bytes are in the file ``name``."""
    return Session(key, size, MappingProxyType({"file": name, "mark": mark, "boot": boot_id()}))


def mark(descriptor: int) -> int:
    """Mark the file as it is now; return the mark, as the file system keeps it."""
    now = time.time_ns()
    os.utime(descriptor, ns=(now, now))
    return os.fstat(descriptor).st_mtime_ns


def require_boot(session: Session) -> None:
    """Raise ``SessionLost`` if the session is of another boot."""
    if session.state.get("boot") != boot_id():
        raise SessionLost("the machine was restarted since: bytes may be lost")


def require_mark(descriptor: int, session: Session) -> None:
    """Raise ``SessionLost`` unless the file is as ``append`` left it when it returned this session."""
    found = os.fstat(descriptor)
    if (found.st_size, found.st_mtime_ns) != (session.size, session.state.get("mark")):
        raise SessionLost("the upload's file is not as this session left it")


def is_still(descriptor: int, path: Path) -> bool:
    """Say whether ``path`` still names the open file: it may have been committed or aborted before the lock was had."""
    try:
        named = path.stat(follow_symlinks=False)
    except FileNotFoundError:
        return False
    held = os.fstat(descriptor)
    return (named.st_dev, named.st_ino) == (held.st_dev, held.st_ino)


def time_of(found: os.stat_result) -> datetime:
    """Return when a file was modified last (UTC)."""
    return datetime.fromtimestamp(found.st_mtime, UTC)
