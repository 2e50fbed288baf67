"""Who serves a database, so that none is put in its place meanwhile."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ocireg.errors import OperatorError


def lock_of(path: Path) -> Path:
    """Return the file on which whoever serves a database has a lock, shared with others who do."""
    return path.with_name(f"{path.name}.serving")


def serve(path: Path) -> int:
    """Say that this process serves the database, until it ends; return the descriptor. ``OperatorError``."""
    try:
        held = os.open(lock_of(path), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        fcntl.flock(held, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(held)
        raise OperatorError(f"a snapshot takes the place of {path} now: wait until that has ended") from None
    except OSError as error:
        raise OperatorError(f"cannot write {lock_of(path)}: {error.strerror}") from error
    return held


@contextmanager
def nowhere(path: Path) -> Iterator[None]:
    """Be the only one who has the database. ``OperatorError`` while a registry serves it."""
    try:
        with lock_of(path).open("w") as held:
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise OperatorError(f"a registry serves {path}: stop it first") from None
            yield
    except OSError as error:
        raise OperatorError(f"cannot write {error.filename}: {error.strerror}") from error
