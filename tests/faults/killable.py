"""``ocireg`` whose worker kills itself at the n-th step towards the disk: a write, a lock, a rename, a commit.

The file that OCIREG_TEST_KILL names holds n. The worker counts it down, and dies at the end, once. It is the real
program otherwise.
"""

import fcntl
import os
import signal
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import peewee

from ocireg.cli import main

remove = os.unlink
COUNTER = Path(os.environ["OCIREG_TEST_KILL"])
counting = threading.RLock()


def step() -> None:
    """Count down; die at nought.

    One thread at a time, and none that comes while another dies gets further: it would live for a moment, and answer
    that the counter is gone. A signal handler may come in between in the same thread.
    """
    with counting:
        try:
            left = int(COUNTER.read_text())
        except (FileNotFoundError, ValueError):
            return
        if left > 1:
            COUNTER.write_text(str(left - 1))
            return
        remove(COUNTER)
        os.kill(os.getpid(), signal.SIGKILL)


def counted(function: Callable[..., Any]) -> Callable[..., Any]:
    """Return the function with a step before it."""

    def call(*args: Any, **kwargs: Any) -> Any:
        step()
        return function(*args, **kwargs)

    return call


for module, names in (
    (os, ("write", "fsync", "ftruncate", "utime", "sendfile")),
    (fcntl, ("flock",)),
    (Path, ("rename", "unlink")),
    (peewee.SqliteDatabase, ("commit", "begin")),
):
    for name in names:
        setattr(module, name, counted(getattr(module, name)))

if __name__ == "__main__":
    sys.exit(main())
