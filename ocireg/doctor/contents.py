"""What database and store hold together: whose the store is, uploads under way, the last check, what was left."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime

from ocireg.config import Settings
from ocireg.doctor.finding import Finding, failed, not_tried, passed, warned
from ocireg.doctor.steps import LIST
from ocireg.doctor.store import told, what_to_do
from ocireg.errors import OperatorError, RegistryError
from ocireg.metadata import facts, tasks, uploads
from ocireg.metadata.database import Database
from ocireg.registry.check import TASK
from ocireg.registry.sweep import Report, Sweep
from ocireg.storage import Storage

OWNER, SESSIONS, LEFT, CHECKED = "store owner", "uploads", "left-overs", "last check"
_OWNED = "the store belongs to this database"


def checks(settings: Settings, database: Database | None, storage: Storage | None, *, lists: bool) -> Iterator[Finding]:
    """Check what can be: without the database nothing, without the store the sessions alone.

    ``lists``: whether the store's lists can be trusted.
    """
    if database is None:
        yield from (not_tried(one, "database failed") for one in (SESSIONS, CHECKED, OWNER, LEFT))
        return
    yield _sessions(database)
    yield _checked(database)
    if storage is None:
        yield from (not_tried(one, "store failed") for one in (OWNER, LEFT))
        return
    owner = _owner(database, storage)
    yield owner
    if owner.message or not lists:  # the clean-up marks a store that is nobody's: not here
        yield not_tried(LEFT, f"{OWNER if owner.message else LIST} failed")
    else:
        yield _left(Sweep(database, storage, grace=settings.orphan_grace))


def _sessions(database: Database) -> Finding:
    count, begun = uploads.under_way(database)
    if begun is None:
        return passed(SESSIONS, "none under way")
    since = datetime.fromtimestamp(begun, UTC).strftime("%Y-%m-%d %H:%M UTC")
    return passed(SESSIONS, f"{count:,} under way, the oldest begun {_age(time.time() - begun)} ago ({since})")


def _checked(database: Database) -> Finding:
    last = tasks.last(database, TASK)
    if last.ended_at is None or not last.report:
        return passed(CHECKED, "the store was not checked yet: ocireg fsck does so")
    since = datetime.fromtimestamp(last.ended_at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    text = f"the store was checked {_age(time.time() - last.ended_at)} ago ({since})"
    if left := int(last.report.get("left", 0)):
        return warned(CHECKED, text, f"{left:,} faults were left", "ocireg fsck names them (docs/operations.rst)")
    return passed(CHECKED, text)


def _age(seconds: float) -> str:
    for unit, length in (("days", 86400), ("hours", 3600), ("minutes", 60)):
        if seconds >= 2 * length:
            return f"{seconds // length:.0f} {unit}"
    return f"{max(seconds, 0):.0f} seconds"


def _owner(database: Database, storage: Storage) -> Finding:
    try:
        found = storage.owner()
    except RegistryError as error:
        return failed(OWNER, _OWNED, told(error), what_to_do(error))
    if found is None:
        return warned(
            OWNER,
            _OWNED,
            "nothing was ever stored here by any database",
            "is it the right bucket or folder? If so, ocireg init marks it",
        )
    if found != facts.installation(database):
        return failed(
            OWNER,
            _OWNED,
            "it was filled under another database: images are not known here, and nothing is cleaned up",
            "name the store and the database that belong together (docs/operations.rst)",
        )
    return passed(OWNER, _OWNED)


def _left(sweep: Sweep) -> Finding:
    text = "what a clean-up would remove"
    try:
        report = sweep.run(dry_run=True)
    except OperatorError as error:
        return failed(LEFT, text, str(error), "mend the store first")
    except RegistryError as error:
        return failed(LEFT, text, told(error), what_to_do(error))
    if not report:
        return passed(LEFT, f"{text}: nothing")
    return warned(LEFT, text, _counted(report), "ocireg gc removes them; serving does so every --sweep-interval")


def _counted(report: Report) -> str:
    return (
        f"{report.sessions} expired uploads, {report.garbage} deleted objects, {report.leftover_uploads} left-overs of "
        f"uploads, {report.leftover_objects} objects that nothing refers to"
    )
