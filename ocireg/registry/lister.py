"""Lists one layer after the other, in the background: read from the store in ranges, kept in batches, given up cleanly.

No transaction, no connection to the store and no thread of a request is held meanwhile. Whatever a process that dies
was at is tried again by another one when its lease has run out; what has failed ``ATTEMPTS`` times is left alone.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import islice

from ocireg.contents import Limits, entries
from ocireg.contents.errors import ContentsError
from ocireg.errors import RegistryError
from ocireg.metadata import blobs as rows
from ocireg.metadata import layers, listings
from ocireg.metadata.database import Database
from ocireg.metadata.layers import Claim
from ocireg.metadata.listings import BATCH, Lost, Recorder
from ocireg.oci.digest import Digest
from ocireg.registry.blobs import Blobs, FoundBlob
from ocireg.registry.disk import DiskGuard
from ocireg.registry.pool import Pace, Stopped

RANGE = 4 * 2**20
"""Bytes of a layer that are read at once."""
LEASE = 60.0
"""Seconds that a claim lives without renewal; one piece of work between two renewals takes far less."""
BEAT = 1.0
"""Seconds between two renewals, which tell how far it is."""
ATTEMPTS = 3
RETRY = 30.0
"""Seconds before what failed is tried again."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Terms:
    """What listings are held to. ``kept``: entries of all layers together; those least looked at go for others."""

    limits: Limits
    kept: int
    lease: float = LEASE


class Lister:
    """The use-case of listing. ``pace`` gives each layer the rests that it takes."""

    def __init__(
        self, database: Database, blobs: Blobs, disk: DiskGuard, terms: Terms, pace: Callable[[], Pace]
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._disk = disk
        self._terms = terms
        self._pace = pace

    def work(self) -> bool:
        """List the layer that has waited longest; say whether there was one."""
        with self._database.transaction(durable=False):
            held = layers.claim(self._database, self._terms.lease)
        if held is None:
            return False
        try:
            self._try(held)
            self._tidy(self._pace())
        except Stopped:
            pass  # the clean-up does the rest
        return True

    def _try(self, held: Claim) -> None:
        """List it, or say why not. ``Stopped``."""
        try:
            self._list(held)
        except ContentsError as error:
            with self._database.transaction(durable=False):
                layers.refuse(self._database, held, error.reason)
        except Lost:
            log.info("another process is at the layer %s", held.digest)
        except Stopped:
            self._give_up(held, wait=0, counts=False)
            raise
        except RegistryError as error:
            log.warning("the layer %s cannot be listed now: %s", held.digest, error.__cause__ or error)
            self._give_up(held, wait=RETRY, counts=True)
        except Exception:
            log.exception("the layer %s cannot be listed", held.digest)
            self._give_up(held, wait=RETRY, counts=True)

    def _list(self, held: Claim) -> None:
        if held.attempt > ATTEMPTS:
            raise ContentsError("Listing it has failed several times; the log says why.")
        found = rows.find_anywhere(self._database, held.digest)
        if found is None:
            with self._database.transaction(durable=False):
                layers.forget(self._database, [held.digest])
            return
        blob = FoundBlob(Digest.parse(held.digest), found.size, found.key, found)
        beat = _Beat(self._database, held, self._terms.lease, self._pace())
        recorder = Recorder(self._database, held.listing, self._terms.limits)
        coming = entries(_Ranges(self._blobs, blob, beat), self._terms.limits)
        while some := list(islice(coming, BATCH)):
            self._disk.require_room()
            with self._database.transaction(durable=False):
                recorder.add(some)
            beat.now_and_then()
        after: str | None = ""
        while after is not None:
            with self._database.transaction(durable=False):
                after = recorder.put_in_order(after)
            beat.now_and_then()
        found_in_it = recorder.summary()
        with self._database.transaction(durable=False):
            layers.finish(self._database, held, found_in_it)
        self._make_room()

    def _give_up(self, held: Claim, *, wait: float, counts: bool) -> None:
        """Let another try it. Where the database refuses, the lease runs out."""
        try:
            with self._database.transaction(durable=False):
                layers.give_up(self._database, held, wait=wait, counts=counts)
        except RegistryError as error:
            log.info("a layer could not be given up: %s", error.__cause__ or error)

    def _make_room(self) -> None:
        while layers.entries_kept(self._database) > self._terms.kept and (one := layers.least_used(self._database)):
            with self._database.transaction(durable=False):
                layers.forget(self._database, [one])

    def _tidy(self, pace: Pace) -> None:
        """Remove what is of no layer any more. ``Stopped``."""
        for listing in listings.unused(self._database, BATCH):
            tidy(self._database, listing, pace.rest)


def tidy(database: Database, listing: int, rest: Callable[[], None]) -> None:
    """Remove a listing, a batch in each transaction."""
    more = True
    while more:
        with database.transaction(durable=False):
            more = listings.clear(database, listing, BATCH)
        rest()


class _Beat:
    """Renews a claim, and tells how many bytes have been read, once in ``BEAT`` seconds."""

    def __init__(self, database: Database, held: Claim, lease: float, pace: Pace) -> None:
        self.done = 0
        self._database = database
        self._held = held
        self._lease = lease
        self._pace = pace
        self._last = time.monotonic()

    def now_and_then(self) -> None:
        """Do so if it is time, and rest. ``Lost``, ``Stopped``."""
        self._pace.rest()
        now = time.monotonic()
        if now - self._last < min(BEAT, self._lease / 4):
            return
        self._last = now
        with self._database.transaction(durable=False):
            held = layers.renew(self._database, self._held, self.done, self._lease)
        if not held:
            raise Lost


class _Ranges:
    """Reads a blob from the store, a range at a time: no connection to the store stays open while others are slow."""

    def __init__(self, blobs: Blobs, blob: FoundBlob, beat: _Beat) -> None:
        self._blobs = blobs
        self._blob = blob
        self._beat = beat
        self._range = b""
        self._at = 0

    def read(self, size: int, /) -> bytes:
        """Return up to ``size`` bytes."""
        self._beat.now_and_then()
        if self._at == len(self._range):
            start, stop = self._beat.done, min(self._beat.done + RANGE, self._blob.size)
            with self._blobs.open(self._blob, start, stop) as reader:
                self._range, self._at = (reader.read(stop - start) if start < stop else b""), 0
            self._beat.done += len(self._range)
        piece = self._range[self._at : self._at + size]
        self._at += len(piece)
        return piece
