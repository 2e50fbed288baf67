"""Keeps the claims of this process alive: one thread, for as many requests as there are.

A claim lives on while its request gets on, that is while bytes arrive from the client or the store is at work; it runs
out where the client is silent, or the process is stopped or dead. A renewal that the database refuses for the moment
is tried again: what counts in the end is whether the claim is still the request's own when it moves the offset.
"""

import logging
import threading
from collections.abc import Iterable, Iterator
from typing import TypeVar

from ocireg.errors import RegistryError
from ocireg.metadata import uploads
from ocireg.metadata.database import Database

T = TypeVar("T")

log = logging.getLogger(__name__)


class Lease:
    """A claim that is held. ``lost`` once another request has taken it."""

    def __init__(self, upload: str, token: str) -> None:
        self.upload = upload
        self.token = token
        self.lost = False
        self._moved = False
        self._waiting = False

    def watch(self, pieces: Iterable[T]) -> Iterator[T]:
        """Yield ``pieces`` as they come from the client, and know when it is the client that is waited for."""
        source = iter(pieces)
        while True:
            self._waiting = True
            try:
                piece = next(source, None)
            finally:
                self._waiting = False
            if piece is None:
                return
            self._moved = True
            yield piece

    def gets_on(self) -> bool:
        """Say whether it got on since it was asked last, or does so now."""
        moved, self._moved = self._moved, False
        return moved or not self._waiting


class Leases:
    """All claims that requests of this process hold. ``seconds``: how long a claim lives without renewal."""

    def __init__(self, database: Database, *, seconds: float, expiry: float) -> None:
        self.seconds = seconds
        self._database = database
        self._expiry = expiry
        self._held: set[Lease] = set()
        self._changed = threading.Condition()
        self._keeper: threading.Thread | None = None

    def hold(self, upload: str, token: str) -> Lease:
        """Keep a claim that was just made, until ``drop``."""
        lease = Lease(upload, token)
        with self._changed:
            self._held.add(lease)
            if self._keeper is None:
                self._keeper = threading.Thread(target=self._keep, name="leases", daemon=True)
                self._keeper.start()
            self._changed.notify()
        return lease

    def drop(self, lease: Lease) -> None:
        """Keep it no longer."""
        with self._changed:
            self._held.discard(lease)

    def renew(self, lease: Lease) -> None:
        """Renew it now; take note if it is lost."""
        try:
            with self._database.transaction(durable=False):
                held = uploads.renew(
                    self._database, lease.upload, lease.token, lease=self.seconds, expires_in=self._expiry
                )
        except RegistryError as error:
            log.info("a lease could not be renewed: %s", error.__cause__ or error)
        else:
            lease.lost = not held

    def _keep(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._held)
                self._changed.wait_for(lambda: not self._held, timeout=self.seconds / 3)
                due = [lease for lease in self._held if lease.gets_on()]
            for lease in due:
                self.renew(lease)
