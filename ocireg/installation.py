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
from ocireg.errors import OperatorError
from ocireg.metadata import facts
from ocireg.metadata.database import Database
from ocireg.metadata.migrate import migrate
from ocireg.registry import Registry
from ocireg.storage import Limits, Storage


@dataclass(frozen=True, slots=True)
class Installation:
    """A database brought up to date, and all that works on it.

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

        What is missing is made (data folder, database, key, mark of the store) or, without ``make``, an error.
        """
        if not make:
            _require_database(settings)
        load = partial(Storage.load, settings.storage_url, read_only=settings.read_only)
        storage = load() if settings.storage else None  # before anything is made
        _make_room_for_data(settings)
        database = Database(settings.database_path, settings.busy_timeout)
        applied = migrate(database)
        storage = storage or load()
        identity = facts.installation(database)
        foreign = not (storage.claim_for(identity) if make else storage.owner() == identity)
        if make:
            keys.make(settings)
        trail = Trail(database, pulls=settings.audit_pulls)
        access = Authority.build(database, settings, trail, *oidc(settings))
        registry = Registry.build(database, storage, settings)
        return cls(settings, database, registry, access, trail, applied, foreign, storage.limits)


def open_database(settings: Settings) -> Database:
    """Open the database alone, brought up to date. ``OperatorError`` where there is none."""
    _require_database(settings)
    database = Database(settings.database_path, settings.busy_timeout)
    migrate(database)
    return database


def open_manager(settings: Settings) -> Manager:
    """Open what changes access, for a command: the store is not needed. ``OperatorError``."""
    return manager_over(open_database(settings), settings)


def manager_over(database: Database, settings: Settings) -> Manager:
    """Return what changes access, over a database that is open."""
    return Manager.build(database, settings.oidc_issuers, lambda: None, grace=settings.orphan_grace)


def _require_database(settings: Settings) -> None:
    if not settings.database_path.exists():
        raise OperatorError(f"there is no registry in {settings.database_path.parent}: ocireg init makes one")


def _make_room_for_data(settings: Settings) -> None:
    """Make the data folder and an empty database, for nobody else to read, where they are missing."""
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
    if not path.exists():
        path.touch(mode=0o600)
