"""A snapshot in the store: one line of JSON that says what it is, then the database, compressed by gzip."""

import json
import logging
import math
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Self

from ocireg.errors import BLOB_UNKNOWN, UNAVAILABLE, OperatorError, RegistryError
from ocireg.hashing import Buffer
from ocireg.storage import SNAPSHOTS, Storage

HEAD = 4096
"""Bytes of the longest line before a snapshot."""
PIECE = 1024 * 1024
GZIP = 16 + zlib.MAX_WBITS
FAST = 1
"""The level of gzip: a registry that is busy has better things to do than to save a tenth."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """What the line says of the database: whose, of when (seconds since the epoch, UTC), its newest migration, size.

    ``version`` of ocireg took it for ``reason``. ``sha256`` is of the database, not compressed. ``key`` and ``stored``,
    the bytes that it takes there, are what the store says.
    """

    installation: str
    taken_at: float
    reason: str
    migration: str
    version: str
    size: int
    sha256: str
    repositories: int
    manifests: int
    blobs: int
    key: str = ""
    stored: int = 0

    @property
    def name(self) -> str:
        """What people call it: when it was taken, and some of its key."""
        moment = datetime.fromtimestamp(self.taken_at, UTC).strftime("%Y%m%dT%H%M%SZ")
        return f"{moment}-{self.key.rpartition('/')[2][:8]}"

    def dump(self) -> bytes:
        """Return the line."""
        told = {name: getattr(self, name) for name in _KINDS}
        return json.dumps(told).encode() + b"\n"

    @classmethod
    def parse(cls, line: bytes, *, key: str, stored: int) -> Self:
        """Return what ``dump`` wrote. ``ValueError`` of anything else."""
        try:
            found = json.loads(line)
            values = {name: found[name] for name in _KINDS}
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise ValueError("there is no description of a snapshot") from error
        if any(not isinstance(values[name], kind) for name, kind in _KINDS.items()):
            raise ValueError("the description of a snapshot is not of this form")
        if not (0 <= values["size"] < 2**50 and math.isfinite(at := values["taken_at"]) and 0 <= at < 2**34):
            raise ValueError("the description of a snapshot has an impossible number")
        return cls(**values, key=key, stored=stored)


_KINDS: dict[str, type | tuple[type, ...]] = {
    "installation": str,
    "taken_at": (int, float),
    "reason": str,
    "migration": str,
    "version": str,
    "size": int,
    "sha256": str,
    "repositories": int,
    "manifests": int,
    "blobs": int,
}


def listed(storage: Storage) -> list[Snapshot]:
    """Return the snapshots of the store, of whatever installation, the newest first. What is none is passed over."""
    return sorted(_each(storage), key=lambda one: (one.taken_at, one.key), reverse=True)


def _each(storage: Storage) -> Iterator[Snapshot]:
    for one in storage.listed(SNAPSHOTS + "/"):
        try:
            line, _, _ = storage.read(one.key, 0, min(HEAD, one.size)).partition(b"\n")
            yield Snapshot.parse(line, key=one.key, stored=one.size)
        except ValueError as error:
            log.warning("%s: %s", one.key, error)
        except RegistryError as error:
            if error.error is not BLOB_UNKNOWN:  # it went meanwhile
                raise


def chosen(found: list[Snapshot], owner: str | None, name: str = "", before: float | None = None) -> Snapshot:
    """Return the snapshot of that name; else the newest, or the newest ``before`` a time, of the store's owner.

    ``OperatorError`` where there is none.
    """
    if name:
        fit = [one for one in found if one.name == name]
        wanted = f"called {name}"
    else:
        fit = [one for one in found if owner in (None, one.installation) and (before is None or one.taken_at < before)]
        wanted = "of this installation" if before is None else "of that time or earlier"
    if not fit:
        raise OperatorError(f"there is no snapshot {wanted} in the store: ocireg restore --list shows those there are")
    return fit[0]


def packed(path: Path) -> Iterator[Buffer]:
    """Yield a file, compressed."""
    packer = zlib.compressobj(FAST, wbits=GZIP)
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield packer.compress(piece)
    yield packer.flush()


def digest(path: Path) -> str:
    """Return the SHA-256 of a file."""
    found = sha256()
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            found.update(piece)
    return found.hexdigest()


def unpack(storage: Storage, snapshot: Snapshot, target: Path) -> None:
    """Write the database of a snapshot to a file that is there. UNAVAILABLE if it is not the one that was stored.

    However much the store has under that key, no more is written than the line announces.
    """
    found, size = sha256(), 0
    with target.open("wb") as file:
        for piece in _unpacked(storage, snapshot):
            size += len(piece)
            if size > snapshot.size:
                break
            found.update(piece)
            file.write(piece)
    if (size, found.hexdigest()) != (snapshot.size, snapshot.sha256):
        raise RegistryError(UNAVAILABLE, f"the snapshot {snapshot.name} is damaged: restore another one")


def _unpacked(storage: Storage, snapshot: Snapshot) -> Iterator[bytes]:
    start = storage.read(snapshot.key, 0, min(HEAD, snapshot.stored)).index(b"\n") + 1
    unpacker = zlib.decompressobj(wbits=GZIP)
    with closing(storage.open(snapshot.key, start, size=snapshot.stored)) as stored:
        try:
            while piece := stored.read(PIECE):
                yield unpacker.decompress(piece, PIECE)
                while unpacker.unconsumed_tail:
                    yield unpacker.decompress(unpacker.unconsumed_tail, PIECE)
        except zlib.error as error:
            raise RegistryError(UNAVAILABLE, f"the snapshot {snapshot.name} is damaged: restore another one") from error
