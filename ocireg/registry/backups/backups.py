"""Takes snapshots of the database, puts them into the store, and removes those that are not kept.

See ``docs/decisions/backups.rst``. One of all processes does it at a time. It may be cut off anywhere: a copy that was
begun beside the database is removed by the next one, an upload that was begun in the store by the clean-up.
"""

import fcntl
import shutil
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import Any

import ocireg
from ocireg.errors import STORAGE_FULL, UNAVAILABLE, RegistryError
from ocireg.hashing import Hashes
from ocireg.metadata import facts, snapshots
from ocireg.metadata.database import Database
from ocireg.oci.digest import Digest
from ocireg.registry.backups.backup import Backup
from ocireg.registry.backups.snapshot import Snapshot, digest, listed, packed
from ocireg.registry.turns import Turns, kept
from ocireg.storage import SNAPSHOTS, Storage

TASK = "backup"
"""Its name among the tasks."""
INTERVAL, ASKED, MIGRATION = "interval", "asked", "migration"
"""Why one was taken."""
RETRY = 900.0
"""Seconds after which one that failed is tried again."""


class _Turns(Turns):
    """Turns at backups: after one that failed the next comes sooner."""

    def rested(self, seconds: float) -> bool:
        """Say whether nobody is at it, nor has been for so long."""
        return super().rested(min(seconds, RETRY) if "failed" in self.last().report else seconds)


class Backups:
    """The use-case of backups. ``keep``: how many. ``low_water``: bytes that a copy must leave free on its disk."""

    def __init__(self, database: Database, storage: Storage, *, keep: int, low_water: int) -> None:
        self._database = database
        self._storage = storage
        self._keep = keep
        self._low_water = low_water
        self.turns = _Turns(database, TASK)

    def listed(self) -> list[Snapshot]:
        """Return the snapshots of this installation that are in the store, the newest first."""
        identity = facts.installation(self._database)
        return [one for one in listed(self._storage) if one.installation == identity]

    def behind(self) -> str | None:
        """Return why the database may not know all that was pushed; None where it does."""
        return facts.behind(self._database)

    def run(self, reason: str, patience: float = 0.0) -> Backup:
        """Take a snapshot, and remove those that are not kept. What fails is kept in the row of the task, and raised.

        One runs at a time; this waits ``patience`` seconds for another, and does nothing then.
        """
        began = time.monotonic()
        with self.turns.take(patience) as turn:
            if turn is None:
                return Backup()
            try:
                with kept(turn):
                    taken = self.take(reason)
                    done = Backup(taken, self._prune(), time.monotonic() - began)
            except RegistryError as error:
                turn.report = {"failed": error.message}
                raise
            turn.report = done.report()
            return done

    def asked(self, arguments: Mapping[str, Any]) -> Backup:
        """Take one as somebody asked for it, or because it was due."""
        return self.run(str(arguments.get("reason", INTERVAL)))

    def take(self, reason: str) -> Snapshot:
        """Take a snapshot. STORAGE_FULL where the disk of the database has no room for a copy; UNAVAILABLE."""
        with self._place() as path:
            self._require_room()
            taken_at = self._database.now()
            about = snapshots.copy(self._database, path)
            one = Snapshot(
                about.installation,
                taken_at,
                reason,
                about.migration,
                ocireg.__version__,
                path.stat().st_size,
                digest(path),
                about.repositories,
                about.manifests,
                about.blobs,
            )
            return self._store(one, path)

    def _store(self, snapshot: Snapshot, path: Path) -> Snapshot:
        session, hashes = self._storage.begin(SNAPSHOTS), Hashes.begin(["sha256"])
        try:
            session = self._storage.receive(session, hashes, chain([snapshot.dump()], packed(path))).session
            self._storage.commit(session, hashes, Digest("sha256", hashes.hexdigest("sha256") or ""))
        except BaseException:
            with suppress(RegistryError):
                self._storage.abort(session)
            raise
        return replace(snapshot, key=session.key, stored=session.size)

    @contextmanager
    def _place(self) -> Iterator[Path]:
        """Give a place beside the database to one process at a time: what another left there, as it died, goes."""
        path = self._database.path
        copy, lock = path.with_name(f"{path.name}.snapshot"), path.with_name(f"{path.name}.snapshotting")
        try:
            with lock.open("w") as held:
                fcntl.flock(held, fcntl.LOCK_EX)
                remove(copy)
                try:
                    yield copy
                finally:
                    remove(copy)
        except OSError as error:
            raise RegistryError(UNAVAILABLE, f"no copy of the database can be made: {error.strerror}") from error

    def _require_room(self) -> None:
        path = self._database.path
        wal = path.with_name(f"{path.name}-wal")
        wanted = path.stat().st_size + (wal.stat().st_size if wal.exists() else 0)
        free = shutil.disk_usage(path.parent).free
        if free - wanted < self._low_water:
            raise RegistryError(
                STORAGE_FULL,
                f"a copy of the database needs {wanted // 2**20} MiB on its disk and must leave "
                f"{self._low_water // 2**20} MiB, of {free // 2**20} MiB that are free",
            )

    def _prune(self) -> int:
        if self.behind() is not None:  # the snapshot that knows more may be the one that would go
            return 0
        gone = doomed(self.listed(), self._keep, self._database.now())
        for one in gone:
            self._storage.delete(one.key)
        return len(gone)


def doomed(found: list[Snapshot], keep: int, now: float) -> list[Snapshot]:
    """Return what is not kept of snapshots, the newest of which is first.

    Kept are the newest ``keep``, the newest of each of the last ``keep`` days (UTC), and the newest of a migration.
    """
    kept_keys = {one.key for one in found[:keep]}
    days: dict[object, str] = {}
    for one in found:
        if one.taken_at > now - keep * 86400.0:
            days.setdefault(datetime.fromtimestamp(one.taken_at, UTC).date(), one.key)
    kept_keys |= set(days.values()) | {one.key for one in found if one.reason == MIGRATION and one == _first(found)}
    return [one for one in found if one.key not in kept_keys]


def _first(found: list[Snapshot]) -> Snapshot | None:
    return next((one for one in found if one.reason == MIGRATION), None)


def remove(path: Path) -> None:
    """Remove a database and the files that belong to it."""
    for one in (path, *(path.with_name(path.name + suffix) for suffix in ("-wal", "-shm", "-journal"))):
        one.unlink(missing_ok=True)
