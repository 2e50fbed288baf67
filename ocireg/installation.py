"""An installation: its database, its store, its use-cases and its rules of access, opened and wired."""

import os
from dataclasses import dataclass
from functools import partial

from ocireg.auth import keys
from ocireg.auth.audit import Trail
from ocireg.auth.authority import Authority
from ocireg.auth.exchange import oidc
from ocireg.auth.manage import Manager
from ocireg.config import Settings
from ocireg.errors import OperatorError, RegistryError
from ocireg.metadata import facts, inspection
from ocireg.metadata.database import Database
from ocireg.metadata.migrate import migrate, newer, unusable
from ocireg.registry import Registry
from ocireg.registry.backups import MIGRATION
from ocireg.registry.registry import backups_of
from ocireg.storage import Limits, Storage


@dataclass(frozen=True, slots=True)
class Installation:
    """A database that is up to date, and all that works on it.

    ``foreign``: its store is another database's. ``limits``: what the store can do as it is configured.
    """

    settings: Settings
    database: Database
    registry: Registry
    access: Authority
    trail: Trail
    applied: list[str]
    foreign: bool
    limits: Limits

    @classmethod
    def open(cls, settings: Settings, *, make: bool = True) -> "Installation":
        """Open the database, which is brought up to date, and the store. ``OperatorError``.

        What is missing is made (data folder, database, migrations, key, mark of the store) or, without ``make``, an
        error.
        """
        if not make:
            _require_database(settings)
        load = partial(Storage.load, settings.storage_url, read_only=settings.read_only)
        storage = load() if settings.storage else None  # before anything is made
        make_room_for_data(settings)
        _make_empty(settings)
        database = Database(settings.database_path, settings.busy_timeout)
        storage = storage or load()
        applied = migrate(database, partial(_back_up, database, storage, settings)) if make else []
        identity = facts.installation(database)
        foreign = not (storage.claim_for(identity) if make else storage.owner() == identity)
        if make:
            keys.make(settings)
        trail = Trail(database, pulls=settings.audit_pulls)
        access = Authority.build(database, settings, trail, *oidc(settings))
        registry = Registry.build(database, storage, settings)
        return cls(settings, database, registry, access, trail, applied, foreign, storage.limits)


def open_database(settings: Settings) -> Database:
    """Open the database alone. ``OperatorError`` where there is none, or one that is not up to date."""
    _require_database(settings)
    return Database(settings.database_path, settings.busy_timeout)


def open_manager(settings: Settings) -> Manager:
    """Open what changes access, for a command: the store is not needed. ``OperatorError``."""
    return manager_over(open_database(settings), settings)


def manager_over(database: Database, settings: Settings) -> Manager:
    """Return what changes access, over a database that is open."""
    return Manager.build(database, settings.oidc_issuers, lambda: None, grace=settings.orphan_grace)


def _require_database(settings: Settings) -> None:
    """Raise ``OperatorError`` unless there is a database, and it has the schema of this program.

    A migration takes the schema from under a registry that serves: nothing but ``init`` and ``serve`` applies one.
    """
    path = settings.database_path
    if not path.exists():
        raise OperatorError(
            f"there is no registry in {path.parent}: run this where ocireg serve runs, or name its folder "
            "(--data, OCIREG_DATA); ocireg init makes a new one"
        )
    try:
        found = inspection.migrations(path)
    except inspection.UnusableDatabase as error:
        raise unusable(path, error) from error
    if found.unknown:
        raise newer(path, found.unknown[-1])
    if count := len(found.pending):
        what = "1 migration is" if count == 1 else f"{count} migrations are"
        raise OperatorError(
            f"{what} pending: stop the registry, back up, then ocireg init (or ocireg serve) applies them"
        )


def _back_up(database: Database, storage: Storage, settings: Settings) -> None:
    """Take a snapshot before a migration. ``OperatorError`` where that fails: nothing is migrated then."""
    if not settings.backup_interval:
        return
    try:
        backups_of(database, storage, settings).take(MIGRATION)
    except RegistryError as error:
        raise OperatorError(
            f"no snapshot can be taken before the migration ({error.message}: {error.__cause__ or ''}): mend that, or "
            "keep a copy of the database yourself and set OCIREG_BACKUP_INTERVAL=0"
        ) from error


def make_room_for_data(settings: Settings) -> None:
    """Make the data folder, for nobody else to read, where it is missing. ``OperatorError``."""
    data, path = settings.data.absolute(), settings.database_path
    try:
        data.mkdir(mode=0o700, parents=True, exist_ok=True)
    except FileExistsError:
        raise OperatorError(f"data: {data} is not a folder", setting="data") from None
    except OSError as error:
        raise OperatorError(f"cannot make the folder {data}: {error.strerror}", setting="data") from error
    if not path.parent.is_dir():
        raise OperatorError(f"database: there is no folder {path.parent}", setting="database")
    for name, folder in (("data", data), ("database", path.parent)):
        if not os.access(folder, os.W_OK | os.X_OK):
            raise OperatorError(f"{name}: cannot write in the folder {folder}", setting=name)


def _make_empty(settings: Settings) -> None:
    """Make an empty database, likewise."""
    path = settings.database_path
    if not path.exists():
        path.touch(mode=0o600)
