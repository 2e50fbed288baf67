"""What commands do against the loss of a database: snapshots of it, one put back, what it does not know taken in."""

from ocireg.auth import keys
from ocireg.auth.manage import values
from ocireg.auth.manage.errors import Invalid
from ocireg.config import Settings
from ocireg.errors import OperatorError
from ocireg.installation import Installation, make_room_for_data
from ocireg.registry import backups
from ocireg.registry.backups import ASKED, Backup, Rebuild, Rebuilt, Restored, Snapshot
from ocireg.registry.backups.rebuild import Told
from ocireg.storage import Storage

PATIENCE = 30.0
"""Seconds that a command waits for another process which takes a snapshot."""


def back_up(settings: Settings) -> Backup:
    """Take a snapshot now. ``OperatorError`` when all is read-only."""
    _require_writable(settings)
    return Installation.open(settings, make=False).registry.backups.run(ASKED, PATIENCE)


def snapshots(settings: Settings) -> tuple[str | None, list[Snapshot]]:
    """Return the installation that the store belongs to, and the snapshots in it, the newest first.

    Nothing but the store is needed.
    """
    storage = Storage.load(settings.storage_url, read_only=True)
    return storage.owner(), backups.listed(storage)


def restore(settings: Settings, name: str, before: float | None, *, replace: bool) -> Restored:
    """Put a snapshot in the place of the database: that of a name; else the newest, or that ``before`` a time.

    ``OperatorError`` where there is none, where there is a database that is not to be replaced, or one that is served.
    """
    _require_writable(settings)
    storage = Storage.load(settings.storage_url)
    chosen = backups.chosen(backups.listed(storage), storage.owner(), name, before)
    make_room_for_data(settings)
    done = backups.restore(storage, chosen, settings.database_path, replace=replace)
    keys.make(settings)
    return done


def rebuild(settings: Settings, told: Told, *, dry_run: bool, adopt: bool) -> Rebuilt:
    """Take in what the store has and the database does not know. ``OperatorError``."""
    _require_writable(settings)
    opened = Installation.open(settings, make=False)
    one = Rebuild(
        opened.database,
        Storage.load(settings.storage_url),
        _may_be_called,
        protection=settings.upload_protection,
        grace=settings.orphan_grace,
        limit=settings.manifest_limit,
    )
    return one.run(dry_run=dry_run, adopt=adopt, told=told)


def _may_be_called(organization: str, registry: str) -> bool:
    try:
        values.organization(organization)
        values.slug(registry)
    except Invalid:
        return False
    return True


def _require_writable(settings: Settings) -> None:
    if settings.read_only:
        raise OperatorError("read_only is set: nothing is written to the store, nor to the database")
