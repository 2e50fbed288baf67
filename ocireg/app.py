"""Wiring, and nothing else: settings to a database, a store, the use-cases and the application."""

import logging
import os
from dataclasses import dataclass
from functools import partial

from flask import Flask

from ocireg.config import Settings
from ocireg.config.sources import shown_store
from ocireg.errors import OperatorError
from ocireg.metadata import facts
from ocireg.metadata.database import Database
from ocireg.metadata.migrate import migrate
from ocireg.registry import Registry
from ocireg.registry.sweep import Report
from ocireg.registry.sweeper import Sweeper
from ocireg.storage import WAIT, Limits, Storage
from ocireg.web import answers, errors, health, v2
from ocireg.web.v2.context import Context

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Installation:
    """A database brought up to date, and all that works on it.

    ``foreign``: its store is another database's. ``limits``: what the store can do as it is configured.
    """

    settings: Settings
    database: Database
    registry: Registry
    applied: list[str]
    foreign: bool
    limits: Limits

    @classmethod
    def open(cls, settings: Settings, *, make: bool = True) -> "Installation":
        """Open the database, which is brought up to date, and the store. ``OperatorError``.

        What is missing is made (data folder, database, mark of the store) or, without ``make``, an error.
        """
        if not make and not settings.database_path.exists():
            raise OperatorError(f"there is no registry in {settings.database_path.parent}: ocireg init makes one")
        load = partial(Storage.load, settings.storage_url, read_only=settings.read_only)
        storage = load() if settings.storage else None  # before anything is made
        _make_room_for_data(settings)
        database = Database(settings.database_path, settings.busy_timeout)
        applied = migrate(database)
        storage = storage or load()
        identity = facts.installation(database)
        foreign = not (storage.claim_for(identity) if make else storage.owner() == identity)
        return cls(settings, database, Registry.build(database, storage, settings), applied, foreign, storage.limits)


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


def create_app(settings: Settings) -> Flask:
    """Return the WSGI application. ``OperatorError`` when it cannot work as configured."""
    installation = Installation.open(settings)
    app = Flask("ocireg", static_folder=None)
    app.url_map.merge_slashes = False  # a redirect would lose the body of a push
    app.url_map.strict_slashes = False
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["ocireg"] = installation
    answers.register(app)
    errors.register(app)
    app.register_blueprint(health.blueprint(installation.registry))
    app.register_blueprint(v2.blueprint(Context(installation.registry, settings)))
    return app


def settings_of(app: Flask) -> Settings:
    """Return the settings that an application was made from."""
    found: Installation = app.extensions["ocireg"]
    return found.settings


def start_sweeper(app: Flask) -> None:
    """Start the background clean-up of an application in a serving process; of one that is read-only there is none."""
    installation: Installation = app.extensions["ocireg"]
    settings = installation.settings
    if not settings.read_only:
        Sweeper(installation.registry.sweep, settings.data / "sweep.lock", settings.sweep_interval).start()


def initialise(settings: Settings) -> list[str]:
    """Make or migrate the installation; return the names of the migrations applied. ``OperatorError``."""
    installation = Installation.open(settings)
    if installation.foreign:
        log.warning(
            "the store %s was filled under another database: its images are not known here, and nothing is removed "
            "from it. Name that database (OCIREG_DATABASE), or another store (OCIREG_STORAGE)",
            shown_store(settings),
        )
    _warn_of_little_room(settings, installation.limits.uploads)
    installation.database.close()  # a connection must not live on in the processes forked from this one
    return installation.applied


def _warn_of_little_room(settings: Settings, uploads: int | None) -> None:
    """Say so where a worker lets more uploads in than there is room for: they work, and take turns."""
    if uploads is not None and settings.upload_thread_count > uploads:
        log.warning(
            "a worker takes %d uploads at once and has room for %d: others wait, and after %g s are told to come back; "
            "raise OCIREG_STORAGE_BUFFER (with parts above 32MiB OCIREG_S3_SPOOL), or say OCIREG_UPLOAD_THREADS=%d",
            settings.upload_thread_count,
            uploads,
            WAIT,
            uploads,
        )


def clean_up(
    settings: Settings, *, expiry: float | None = None, grace: float | None = None, dry_run: bool = False
) -> Report:
    """Sweep once, now. See ``ocireg.registry.sweep``. Times are seconds. ``OperatorError`` when all is read-only."""
    if settings.read_only:
        raise OperatorError("read_only is set: nothing is cleaned up")
    return Installation.open(settings, make=False).registry.sweep.run(expiry=expiry, grace=grace, dry_run=dry_run)
