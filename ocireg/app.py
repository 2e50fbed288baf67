"""Wiring, and nothing else: settings to a database, a store, the use-cases and the application."""

import logging
from dataclasses import dataclass

from flask import Flask

from ocireg.config import Settings
from ocireg.errors import OperatorError
from ocireg.metadata import facts
from ocireg.metadata.database import Database
from ocireg.metadata.migrate import migrate
from ocireg.registry import Registry
from ocireg.registry.sweep import Report
from ocireg.registry.sweeper import Sweeper
from ocireg.storage import Storage
from ocireg.web import errors, health, v2
from ocireg.web.v2.context import Context

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Installation:
    """A database brought up to date, and all that works on it."""

    settings: Settings
    database: Database
    registry: Registry
    applied: list[str]

    @classmethod
    def open(cls, settings: Settings) -> "Installation":
        """Make what is missing (folder, database, migrations) and open the store. ``OperatorError``."""
        try:
            settings.data.mkdir(parents=True, exist_ok=True)
            settings.database_path.parent.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise OperatorError(f"cannot make the folder {error.filename}: {error.strerror}") from error
        database = Database(settings.database_path, settings.busy_timeout)
        applied = migrate(database)
        storage = Storage.load(settings.storage_url, read_only=settings.read_only)
        if not storage.claim_for(facts.installation(database)):
            log.warning(
                "the store %s was filled under another database: its images are not known here", settings.storage
            )
        return cls(settings, database, Registry.build(database, storage, settings), applied)


def create_app(settings: Settings) -> Flask:
    """Return the WSGI application. ``OperatorError`` when it cannot work as configured."""
    installation = Installation.open(settings)
    app = Flask("ocireg", static_folder=None)
    app.url_map.merge_slashes = False  # a redirect would lose the body of a push
    app.url_map.strict_slashes = False
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["ocireg"] = installation
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
    installation.database.close()  # a connection must not live on in the processes forked from this one
    return installation.applied


def clean_up(
    settings: Settings, *, expiry: float | None = None, grace: float | None = None, dry_run: bool = False
) -> Report:
    """Sweep once, now. See ``ocireg.registry.sweep``. Times are seconds. ``OperatorError`` when all is read-only."""
    if settings.read_only:
        raise OperatorError("read_only is set: nothing is cleaned up")
    return Installation.open(settings).registry.sweep.run(expiry=expiry, grace=grace, dry_run=dry_run)
