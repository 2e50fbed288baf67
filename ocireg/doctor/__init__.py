"""Diagnoses a whole installation: looks, tries, and changes nothing that stays."""

from collections.abc import Iterator

from ocireg.config import Loaded
from ocireg.doctor import access, address, backups, configuration, contents, database, folder, store
from ocireg.doctor.finding import Finding, Verdict
from ocireg.metadata.database import Database

__all__ = ["Finding", "Verdict", "examine"]


def examine(loaded: Loaded) -> Iterator[Finding]:
    """Check everything, and yield what was found as it is found. Nothing is made that is not there."""
    settings = loaded.settings
    yield configuration.check(loaded)
    yield from folder.checks(settings)
    usable = yield from database.checks(settings)
    opened = Database(settings.database_path, settings.busy_timeout) if usable else None
    try:
        yield from access.checks(settings, opened)
        yield from address.checks(settings, opened)
        storage, lists = yield from store.checks(settings)
        yield from contents.checks(settings, opened, storage, lists=lists)
        yield from backups.checks(settings, opened, storage, lists=lists)
    finally:
        if opened is not None:
            opened.close()
