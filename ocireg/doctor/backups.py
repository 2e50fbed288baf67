"""Snapshots of the database: whether there is one that is young enough, and whether the database knows all there is."""

import time
from collections.abc import Iterator

from ocireg.config import Settings
from ocireg.doctor.finding import Finding, failed, not_tried, passed, warned
from ocireg.doctor.steps import LIST
from ocireg.doctor.store import told, what_to_do
from ocireg.errors import RegistryError
from ocireg.metadata import facts, registries
from ocireg.metadata.database import Database
from ocireg.registry.backups import Snapshot, listed
from ocireg.storage import Storage

SNAPSHOTS, KNOWS = "backups", "up to date"
_NEWEST = "the newest snapshot of the database is young"
_ALL = "the database knows what the store has"
_LATE = 2
"""Intervals after which a snapshot is late."""


def checks(settings: Settings, database: Database | None, storage: Storage | None, *, lists: bool) -> Iterator[Finding]:
    """Check both. ``lists``: whether the store's lists can be trusted."""
    if database is None or storage is None:
        missing = "database" if database is None else "store"
        yield from (not_tried(one, f"{missing} failed") for one in (KNOWS, SNAPSHOTS))
        return
    why = facts.behind(database)
    yield passed(KNOWS, _ALL) if why is None else warned(KNOWS, _ALL, why, "ocireg rebuild (docs/recovery.rst)")
    if not settings.backup_interval:
        yield passed(SNAPSHOTS, "none is taken by itself: backup_interval is 0")
        return
    if not lists:
        yield not_tried(SNAPSHOTS, f"{LIST} failed")
        return
    try:
        identity = facts.installation(database)
        found = [one for one in listed(storage) if one.installation == identity]
    except RegistryError as error:
        yield failed(SNAPSHOTS, _NEWEST, told(error), what_to_do(error))
        return
    yield _age(settings, database, found)


def _age(settings: Settings, database: Database, found: list[Snapshot]) -> Finding:
    since = found[0].taken_at if found else registries.root(database).created_at
    if time.time() - since > _LATE * settings.backup_interval:
        message = f"the newest is {found[0].name}" if found else "there is none"
        advice = "serve takes them; its log and the page of backups say why one failed. ocireg backup takes one now"
        return warned(SNAPSHOTS, _NEWEST, message, advice)
    text = f"{len(found)} snapshots of the database" + (f", the newest is {found[0].name}" if found else " so far")
    if settings.storage_url.startswith("file:"):
        text += "; the store is a folder: of no help where its disk is lost, too"
    return passed(SNAPSHOTS, text)
