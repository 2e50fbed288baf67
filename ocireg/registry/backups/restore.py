"""Puts a snapshot in the place of the database: beside it first, whole, examined and brought up to date.

It may be cut off anywhere, and done again: until the last step, a rename, nothing has changed; a database that is
replaced has another name by then, with all that belongs to it.
"""

import os
import shutil
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ocireg.errors import OperatorError
from ocireg.metadata import audit, facts, generation, snapshots, tasks
from ocireg.metadata.audit import SYSTEM, Event
from ocireg.metadata.database import Database
from ocireg.metadata.migrate import migrate
from ocireg.registry.backups import serving
from ocireg.registry.backups.backups import remove
from ocireg.registry.backups.flight import in_flight
from ocireg.registry.backups.snapshot import Snapshot, unpack
from ocireg.storage import Storage

GENERATIONS = 1_000_000
"""What is added to the generation: more changes of access than there can have been since the snapshot."""


@dataclass(frozen=True, slots=True)
class Restored:
    """What took the place of what: ``replaced`` is the database that was there, under its new name."""

    snapshot: Snapshot
    database: Path
    applied: tuple[str, ...]
    replaced: Path | None


def restore(storage: Storage, snapshot: Snapshot, path: Path, *, replace: bool = False) -> Restored:
    """Let the snapshot be the database ``path``. ``OperatorError`` where there is one, unless it is to be replaced.

    Also where a registry serves it. UNAVAILABLE of a snapshot that is damaged, and nothing is changed then.
    """
    with serving.nowhere(path):
        if path.exists() and path.stat().st_size and not replace:
            raise OperatorError(f"there is a database in {path}: --replace gives it another name, and takes its place")
        new = path.with_name(f"{path.name}.restoring")
        try:
            _require_room(path.parent, snapshot.size)
            remove(new)
            os.close(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            unpack(storage, snapshot, new)
            if snapshots.examined(new).installation != snapshot.installation:
                raise OperatorError(f"the snapshot {snapshot.name} is not what it says it is")
            applied = _brought_up(new, snapshot, storage)
            replaced = _set_aside(path)
            _take_place(new, path)
        except OSError as error:
            raise OperatorError(f"cannot write {error.filename or path}: {error.strerror}") from error
        finally:
            remove(new)
            new.with_name(f"{new.name}.migrating").unlink(missing_ok=True)
    return Restored(snapshot, path, tuple(applied), replaced)


def _require_room(folder: Path, size: int) -> None:
    free = shutil.disk_usage(folder).free
    if free < 2 * size:  # migrations write as much once more, at worst
        raise OperatorError(f"the snapshot needs {2 * size // 2**20} MiB in {folder}, which has {free // 2**20} MiB")


def _brought_up(new: Path, snapshot: Snapshot, storage: Storage) -> list[str]:
    """Apply migrations, and write down what a restored database must know of itself."""
    database = Database(new)
    try:
        applied = migrate(database)
        missed = in_flight(database, storage, snapshot.taken_at)
        moment = datetime.fromtimestamp(snapshot.taken_at, UTC).strftime("%Y-%m-%d %H:%M:%S UTC")
        with database.transaction():
            for key in missed:
                database.change("DELETE FROM garbage WHERE key = ?", key)
            facts.fall_behind(database, f"it was restored from the snapshot of {moment}")
            tasks.release(database)
            generation.bump(database, by=GENERATIONS)
            generation.forget_key(database)
            detail = {"taken_at": snapshot.taken_at, "applied": applied}
            audit.write(database, Event("database.restore", SYSTEM, subject=snapshot.name, detail=detail))
    finally:
        database.close()
    return applied


def _set_aside(path: Path) -> Path | None:
    """Give a database another name, with its WAL, before anything is removed: so the other name is whole.

    A file of a WAL without its database, as a lost disk may leave it, must not be taken for one of the new database.
    """
    files = (path, path.with_name(f"{path.name}-wal"), path.with_name(f"{path.name}-shm"))
    aside = None
    if path.exists() and path.stat().st_size:
        snapshots.settle(path)  # a crash after its WAL is gone must not leave half of it, under either name
        moment = datetime.fromtimestamp(time.time(), UTC).strftime("%Y%m%dT%H%M%S.%fZ")
        aside = path.with_name(f"{path.name}.replaced-{moment}")
        for one in files:
            if one.exists():
                os.link(one, aside.with_name(aside.name + one.name.removeprefix(path.name)))
    for one in files[1:]:
        one.unlink(missing_ok=True)
    return aside


def _take_place(new: Path, path: Path) -> None:
    descriptor = os.open(new, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
    new.rename(path)
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
