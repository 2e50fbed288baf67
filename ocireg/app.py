"""Wiring, and nothing else: settings to an installation and the application, and what commands do with one."""

import logging
from contextlib import suppress
from dataclasses import dataclass

from flask import Flask

from ocireg.auth import first
from ocireg.config import Settings
from ocireg.config.sources import shown_store
from ocireg.errors import OperatorError, RegistryError
from ocireg.installation import Installation
from ocireg.metadata import postponed
from ocireg.registry.backups import serving
from ocireg.registry.check import Check
from ocireg.registry.collection import Collection
from ocireg.registry.scheduled import Scheduled
from ocireg.registry.sweep import Report
from ocireg.registry.sweeper import Sweeper
from ocireg.storage import WAIT
from ocireg.web import answers, api, asked, errors, health, pages, token, v2
from ocireg.web.routing import LazyRule
from ocireg.web.rules import Rules
from ocireg.web.v2.context import Context

PATIENCE = 30.0
"""Seconds that a command waits for another process which collects garbage."""

log = logging.getLogger(__name__)


def create_app(settings: Settings) -> Flask:
    """Return the WSGI application. ``OperatorError`` when it cannot work as configured."""
    installation = Installation.open(settings)
    app = Flask("ocireg", static_folder=None, static_url_path="/static")
    app.url_rule_class = LazyRule
    app.url_map.merge_slashes = False  # a redirect would lose the body of a push
    app.url_map.strict_slashes = False
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["ocireg"] = installation
    rules, access = Rules(), installation.access
    rules.register(app)
    answers.register(app)
    errors.register(app)
    app.register_blueprint(health.blueprint(installation.registry, rules))
    app.register_blueprint(token.blueprint(access.gate, settings, rules))
    context = Context(installation.registry, settings, access.gate, access.manager, installation.trail)
    app.register_blueprint(v2.blueprint(context, rules))
    here = (installation.database, installation.registry, settings, access.gate, access.manager, access.roster)
    shared = asked.Context(*here, installation.trail)
    api.register(app, shared, rules)
    pages.register(app, shared, rules)
    return app


def settings_of(app: Flask) -> Settings:
    """Return the settings that an application was made from."""
    found: Installation = app.extensions["ocireg"]
    return found.settings


def start_sweeper(app: Flask) -> None:
    """Start the background work of an application in a serving process; of one that is read-only there is none.

    ``OperatorError`` while a snapshot takes the place of its database.
    """
    installation: Installation = app.extensions["ocireg"]
    settings = installation.settings
    serving.serve(settings.database_path)
    if not settings.read_only:
        Sweeper(installation.registry.sweep, settings.data / "sweep.lock", settings.sweep_interval).start()
        collector = installation.registry.collector
        Scheduled("garbage collection", settings.gc_interval, collector.turns, collector.asked).start()
        retention = installation.registry.retention
        Scheduled("retention", settings.retention_interval, retention.turns, retention.asked).start()
        check = installation.registry.check
        Scheduled("check", settings.check_interval, check.turns, check.asked).start()
        backups = installation.registry.backups
        Scheduled("backup", settings.backup_interval, backups.turns, backups.asked).start()


def close(app: Flask) -> None:
    """Write what an application has put off, as its process ends; it takes some seconds at most."""
    installation: Installation = app.extensions["ocireg"]
    installation.registry.contents.close()
    postponed.close(installation.trail, installation.registry.downloads)


@dataclass(frozen=True, slots=True)
class Start:
    """What a start has done: the migrations applied, and the secret of the first token, to be shown once, if any."""

    applied: list[str]
    secret: str | None = None


def initialise(settings: Settings) -> Start:
    """Make or migrate the installation, and see that somebody can log in. ``OperatorError``."""
    installation = Installation.open(settings)
    if installation.foreign:
        log.warning(
            "the store %s was filled under another database: its images are not known here, and nothing is removed "
            "from it. Name that database (OCIREG_DATABASE), or another store (OCIREG_STORAGE)",
            shown_store(settings),
        )
    secret = None
    if not settings.read_only:
        first.announce_key(installation.database, settings)
        secret = first.let_somebody_in(installation.database, settings)
    _warn_of_little_room(settings, installation.limits.uploads)
    installation.database.close()  # a connection must not live on in the processes forked from this one
    return Start(installation.applied, secret)


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
    settings: Settings,
    *,
    expiry: float | None = None,
    grace: float | None = None,
    now: bool = False,
    dry_run: bool = False,
) -> tuple[Collection, Report]:
    """Collect garbage and sweep, once. See ``registry.collector`` and ``registry.sweep``. Times are seconds.

    A collection that fails (on a full disk) is tried again after the sweep, which makes room. ``OperatorError`` when
    all is read-only.
    """
    if settings.read_only:
        raise OperatorError("read_only is set: nothing is cleaned up")
    registry = Installation.open(settings, make=False).registry
    if dry_run:
        return registry.collector.trial(now=now), registry.sweep.run(expiry=expiry, grace=grace, dry_run=True)
    done = None
    with suppress(RegistryError):
        done = registry.collector.run(now=now, patience=PATIENCE)
    report = registry.sweep.run(expiry=expiry, grace=grace)
    if done is None:
        done = registry.collector.run(now=now, patience=PATIENCE)
    return done, report


def open_check(settings: Settings, *, repair: bool) -> Check:
    """Return the use-case of checking the database against the store. ``OperatorError``: all is read-only."""
    if settings.read_only and repair:
        raise OperatorError("read_only is set: nothing is repaired")
    return Installation.open(settings, make=False).registry.check
