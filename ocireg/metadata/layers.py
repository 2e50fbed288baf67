"""Which layers have been listed, or are to be, and by whom: a claim is a lease on a row.

Each claim begins a listing of its own, and every change is a compare-and-set on it: who lost its lease changes nothing,
and what it has written is of no layer. Times are seconds since the epoch, UTC; sizes are bytes.
"""

import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from peewee import fn

from ocireg.metadata.blobs import DIGESTS_AT_ONCE
from ocireg.metadata.database import Database
from ocireg.metadata.layer_models import Layer, LayerListing
from ocireg.metadata.models import Blob

PENDING, READY, REFUSED = "pending", "ready", "refused"


@dataclass(frozen=True, slots=True)
class StoredLayer:
    """What is known of a layer. ``entries`` are the rows that it keeps; ``files`` are no directories.

    ``listing`` is meant for ``stacks``, of one that is ready; ``claimed_until`` is when another may try.
    """

    digest: str
    state: str
    reason: str
    size: int
    done: int
    listing: int | None
    claimed_until: float
    entries: int
    files: int
    bytes: int
    opaque: bool
    os_release: str | None
    used_at: float


@dataclass(frozen=True, slots=True)
class Claim:
    """A layer that is to be listed now, as the listing of that number; it is the attempt of that number."""

    digest: str
    listing: int
    attempt: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What a listing found."""

    entries: int
    files: int
    bytes: int
    opaque: bool
    os_release: str | None


_ROW = (
    Layer.digest,
    Layer.state,
    Layer.reason,
    Layer.size,
    Layer.done,
    Layer.listing,
    Layer.lease_until,
    Layer.entries,
    Layer.files,
    Layer.bytes,
    Layer.opaque,
    Layer.os_release,
    Layer.used_at,
)


def find(database: Database, digests: Collection[str]) -> dict[str, StoredLayer]:
    """Return what is known of layers, by digest."""
    wanted = sorted(set(digests))
    found: dict[str, StoredLayer] = {}
    for first in range(0, len(wanted), DIGESTS_AT_ONCE):
        query = Layer.select(*_ROW).where(Layer.digest.in_(wanted[first : first + DIGESTS_AT_ONCE]))
        found |= {row[0]: StoredLayer(*row) for row in database.rows(query)}
    return found


def ask(database: Database, sizes: Mapping[str, int], most: int) -> int:
    """Let layers be listed that are not known; return how many were put in the queue.

    It has no more than ``most`` at any time. Inside a transaction.
    """
    waiting = database.fetch("SELECT count(*) FROM layer WHERE state = 'pending'") or (0,)
    known = find(database, sizes.keys())
    new = [digest for digest in sizes if digest not in known][: max(most - int(waiting[0]), 0)]
    now = time.time()
    for digest in new:
        database.run(Layer.insert(digest=digest, state=PENDING, size=sizes[digest], asked_at=now, used_at=now))
    return len(new)


def claim(database: Database, lease: float) -> Claim | None:
    """Take the layer that has waited longest, for ``lease`` seconds; None where none waits. Inside a transaction."""
    now = time.time()
    free = (Layer.state == PENDING) & (Layer.lease_until < now)
    row = database.row(Layer.select(Layer.digest, Layer.attempts).where(free).order_by(Layer.asked_at).limit(1))
    if row is None:
        return None
    digest, attempts = row
    listing = database.run(LayerListing.insert(digest=digest))
    values = {"listing": listing, "attempts": attempts + 1, "done": 0, "lease_until": now + lease}
    database.run(Layer.update(**values).where(Layer.digest == digest))
    return Claim(digest, listing, attempts + 1)


def renew(database: Database, held: Claim, done: int, lease: float) -> bool:
    """Hold it for another ``lease`` seconds, and tell how far it is; False if it was lost. Inside a transaction."""
    return _change(database, held, done=done, lease_until=time.time() + lease)


def finish(database: Database, held: Claim, found: Summary) -> bool:
    """Let what was listed be seen; False if the claim was lost. Inside a transaction."""
    now = time.time()
    values = {name: getattr(found, name) for name in Summary.__slots__}
    return _change(database, held, **values, state=READY, lease_until=0, done=Layer.size, listed_at=now, used_at=now)


def refuse(database: Database, held: Claim, reason: str) -> bool:
    """Keep why it was not listed, and nothing else of it; False if the claim was lost. Inside a transaction."""
    return _change(database, held, state=REFUSED, reason=reason, listing=None, lease_until=0, listed_at=time.time())


def give_up(database: Database, held: Claim, *, wait: float, counts: bool) -> bool:
    """Let it be tried again in ``wait`` seconds; ``counts`` says whether it was an attempt. Inside a transaction."""
    attempts = held.attempt - (0 if counts else 1)
    return _change(database, held, listing=None, lease_until=time.time() + wait, attempts=attempts, done=0)


def _change(database: Database, held: Claim, **values: object) -> bool:
    mine = (Layer.digest == held.digest) & (Layer.listing == held.listing) & (Layer.state == PENDING)
    return database.run(Layer.update(**values).where(mine)) == 1


def touch(database: Database, digests: Collection[str]) -> None:
    """Take note that they were looked at. Inside a transaction."""
    database.run(Layer.update(used_at=time.time()).where(Layer.digest.in_(list(digests))))


def forget(database: Database, digests: Collection[str]) -> int:
    """Know nothing of layers any more; return how many were known. What was listed is removed by ``listings.clear``.

    Inside a transaction.
    """
    return database.run(Layer.delete().where(Layer.digest.in_(list(digests))))


def entries_kept(database: Database) -> int:
    """Return how many entries all layers that are ready have."""
    found = database.fetch("SELECT total(entries) FROM layer WHERE state = 'ready'")
    return int(found[0]) if found else 0


def least_used(database: Database) -> str | None:
    """Return the layer that is ready and that nobody has looked at for longest."""
    row = database.row(Layer.select(Layer.digest).where(Layer.state == READY).order_by(Layer.used_at).limit(1))
    return str(row[0]) if row else None


def of_no_blob(database: Database, limit: int) -> list[str]:
    """Return up to ``limit`` layers whose blob is known no more."""
    gone = ~fn.EXISTS(Blob.select(Blob.id).where(Blob.digest == Layer.digest))
    return [row[0] for row in database.rows(Layer.select(Layer.digest).where(gone).limit(limit))]
