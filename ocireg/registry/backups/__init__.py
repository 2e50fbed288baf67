"""Snapshots of the database in the store: taken, listed, kept, put back; and what the store has that none knows."""

from ocireg.registry.backups.backup import Backup
from ocireg.registry.backups.backups import ASKED, INTERVAL, MIGRATION, Backups
from ocireg.registry.backups.rebuild import Rebuild, Rebuilt
from ocireg.registry.backups.restore import Restored, restore
from ocireg.registry.backups.snapshot import Snapshot, chosen, listed

__all__ = [
    "ASKED",
    "INTERVAL",
    "MIGRATION",
    "Backup",
    "Backups",
    "Rebuild",
    "Rebuilt",
    "Restored",
    "Snapshot",
    "chosen",
    "listed",
    "restore",
]
