"""What must hold before requests are taken, however gunicorn was started."""

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from ocireg.app import initialise
from ocireg.config import Settings
from ocireg.errors import OperatorError
from ocireg.serving.addresses import require_permission
from ocireg.serving.banner import banner, first_start
from ocireg.serving.tls import require_pair

_BOOT_FAILED = 3
"""The exit status of a worker on which gunicorn's master gives up, in place of starting another."""
_judged: list[str] = []
"""The listeners that were found right in this process or in the master that it was forked from."""


def prepare(settings: Settings, addresses: Iterable[object], workers: int) -> None:
    """Check what can be checked, and bring the installation up to date, once for all workers. ``OperatorError``."""
    require_permission(settings, addresses)
    require_pair(settings.tls_cert, settings.tls_key)
    if settings.storage.startswith("memory:") and workers > 1:
        raise OperatorError(
            f"storage = {settings.storage!r} is the memory of one process, and there are {workers} workers: "
            "say --workers 1 (OCIREG_WORKERS=1)"
        )
    secret = initialise(settings).secret
    if secret:  # at once: nobody would see it if it could not listen after all
        print(first_start(settings, secret), flush=True)


def ready(settings: Settings, server: Any) -> None:
    """Judge gunicorn's listeners as they are, before there is a worker to answer, and say where they are.

    A command line of gunicorn's own, or systemd, may have named others than the setting ``bind``.
    """
    require_permission(settings, [one.sock.getsockname() for one in server.LISTENERS])
    _judged.extend(map(str, server.LISTENERS))
    print(banner(settings, [str(one) for one in server.LISTENERS]), flush=True)


def require_judged_listeners() -> None:
    """End a worker of a gunicorn that was not configured by this project: nobody knows where it listens."""
    if not _judged:
        print("ocireg: start it as: gunicorn -c conf/gunicorn.conf.py (without --preload)", file=sys.stderr)
        raise SystemExit(_BOOT_FAILED)


@contextmanager
def in_one_line() -> Iterator[None]:
    """End the program with exit status 2 and one line where an operator has something to mend."""
    try:
        yield
    except OperatorError as error:
        print(f"ocireg: {error}", file=sys.stderr)
        raise SystemExit(2) from None
