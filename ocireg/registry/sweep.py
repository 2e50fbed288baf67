"""Finds and removes what crashes, abandoned clients and deletes leave behind. Any worker may do it, at any time.

- *Sessions* that expired: the row goes first, then what it holds in the store.
- *Garbage*: objects whose row went, after the grace period. Keys are never used twice, so none can be needed again.
- *Repositories* that hold nothing: in which nothing came of the uploads, or whose blobs all went before a tag came.
- *Left-overs*: uploads and objects in the store that no row knows, once they are older than the grace period (a row
  is written after its object). Only in a store that belongs to this database: a new database beside an old store
  must not empty it.

  The key of a manifest is in a row before its object is there. So one that no row knows was pushed while another state
  of the database was in force: this one is a copy from before that. Then neither left-overs nor garbage go, and nothing
  is collected, until ``ocireg rebuild`` has taken in what the store has (``facts.behind``).
- *Events* of the audit log that are older than its retention.
- *Contents*: what is known of the files of layers whose blobs are gone.

Two sweeps at once do no harm: each step may be repeated.
"""

import logging
import math
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from itertools import chain, islice
from typing import TypeVar

from ocireg.errors import BLOB_UNKNOWN, RegistryError
from ocireg.metadata import audit, facts, finding, garbage, layers, listings, platforms, repositories, tasks, uploads
from ocireg.metadata.database import Database
from ocireg.registry.lister import tidy
from ocireg.registry.stored import verified
from ocireg.storage import BLOBS, MANIFESTS, PROBES, SNAPSHOTS, Storage

AT_ONCE = 500
MOST = 10_000
"""Objects among manifests that are none, and go in one sweep."""
LARGEST = 64 * 1024 * 1024
"""Bytes of what may be a manifest."""
RETRY = 600.0
COUNTED = 30 * 86400.0
"""Seconds for which the count of an image is kept, and its platforms: who looks then makes them anew."""

_SAID = {
    "sessions": "upload sessions that had expired",
    "garbage": "objects that had been deleted",
    "repositories": "repositories that held nothing",
    "leftover_uploads": "left-overs of uploads",
    "leftover_objects": "objects that nothing refers to",
    "events": "events of the audit log that were old",
    "contents": "lists of files of layers that are gone",
}

T = TypeVar("T")

log = logging.getLogger(__name__)


@dataclass(slots=True)
class Report:
    """What a sweep removed, or would remove. ``failed``: what the store kept; the next sweep tries again."""

    sessions: int = 0
    garbage: int = 0
    repositories: int = 0
    leftover_uploads: int = 0
    leftover_objects: int = 0
    events: int = 0
    contents: int = 0
    failed: int = 0
    foreign_store: bool = False
    held: bool = False
    unsure: bool = False

    def __bool__(self) -> bool:
        return any(getattr(self, name) for name in (*_SAID, "failed"))

    def counted(self) -> list[str]:
        """Return what was found, in words, nought included."""
        return [f"{getattr(self, name)} {text}" for name, text in _SAID.items()]

    def __str__(self) -> str:
        said = [text for name, text in zip(_SAID, self.counted(), strict=True) if getattr(self, name)]
        found = [f"removed {', '.join(said)}"] if said else []
        found += [f"{self.failed} could not be removed, and will be tried again"] if self.failed else []
        found += ["what nothing here refers to was left in a store that is not this database's"] * self.foreign_store
        found += ["no bytes go before ocireg rebuild has run"] * self.held
        return "; ".join(found) or "nothing to do"


class Sweep:
    """The use-case of cleaning up. Times are seconds. Events older than ``retention`` go; of nought none does."""

    def __init__(self, database: Database, storage: Storage, *, grace: float, retention: float = 0) -> None:
        self._database = database
        self._storage = storage
        self._grace = grace
        self._retention = retention

    def run(self, *, expiry: float | None = None, grace: float | None = None, dry_run: bool = False) -> Report:
        """Clean up once.

        ``expiry`` takes sessions begun so long ago in place of their own expiry; ``grace`` replaces the configured one.
        """
        report = Report()
        young = self._grace if grace is None else grace
        early = max(self._grace - young, 0)
        rubbish = self._look_at_manifests(report, young, dry_run=dry_run)
        if dry_run:
            report.sessions = uploads.count_expired(self._database, idle=expiry)
            report.garbage = 0 if report.held else garbage.count_due(self._database, early=early)
            report.repositories = len(repositories.empty(self._database))
            report.contents = len(layers.of_no_blob(self._database, AT_ONCE**2))
            report.events = audit.count_before(self._database, time.time() - self._retention) if self._retention else 0
        elif not report.held:
            self._delete_garbage(report, early)
        try:
            if not (report.held or report.unsure):
                self._remove_leftovers(report, young, rubbish, dry_run=dry_run)
        except RegistryError as error:  # a store that cannot be listed must not keep sessions from ending
            log.warning("left-overs cannot be looked for: %s", error.__cause__ or error)
            report.failed += 1
        if not dry_run:
            self._end_sessions(report, expiry)  # last: it begins with the database, which a full disk refuses
            if not report.held:
                self._forget_repositories(report)
            self._prune_events(report)
            self._forget_contents(report)
        return report

    def _end_sessions(self, report: Report, expiry: float | None) -> None:
        while found := uploads.expired(self._database, AT_ONCE, idle=expiry):
            for row in found:
                with self._database.transaction(durable=False):
                    mine = uploads.remove_expired(self._database, row.id, idle=expiry)
                if mine:
                    report.sessions += 1
                    self._try(report, partial(self._abort, row.session))
            if len(found) < AT_ONCE:
                return

    def _delete_garbage(self, report: Report, early: float) -> None:
        while found := garbage.due(self._database, AT_ONCE, early=early):
            # The objects first: on a full disk they make the room that the database needs.
            used = garbage.in_use(self._database, found)  # there should be none: an object in use is never deleted
            gone = {key: key in used or self._try(report, partial(self._storage.delete, key)) for key in found}
            report.garbage += sum(gone.values()) - len(used)
            with self._database.transaction(durable=False):
                for key, done in gone.items():
                    if done:
                        garbage.remove(self._database, key)
                    else:
                        garbage.postpone(self._database, key, by=early + RETRY)
            if len(found) < AT_ONCE:
                return

    def _forget_repositories(self, report: Report) -> None:
        found = iter(repositories.empty(self._database))
        while some := list(islice(found, AT_ONCE)):
            with self._database.transaction(durable=False):
                report.repositories += repositories.remove_empty(self._database, some)

    def _prune_events(self, report: Report) -> None:
        before, gone = time.time() - self._retention, AT_ONCE if self._retention else 0
        while gone == AT_ONCE:
            with self._database.transaction(durable=False):
                gone = audit.prune(self._database, before, AT_ONCE)
            report.events += gone

    def _forget_contents(self, report: Report) -> None:
        """Forget the layers, then what their listings hold, a batch in each transaction."""
        while gone := layers.of_no_blob(self._database, AT_ONCE):
            with self._database.transaction(durable=False):
                report.contents += layers.forget(self._database, gone)
        while unused := listings.unused(self._database, AT_ONCE):
            for listing in unused:
                tidy(self._database, listing, lambda: None)
        pruned = AT_ONCE
        while pruned == AT_ONCE:
            with self._database.transaction(durable=False):
                before = time.time() - COUNTED
                counts = finding.prune_counts(self._database, before, AT_ONCE)
                pruned = max(counts, platforms.prune(self._database, before, AT_ONCE))

    def _look_at_manifests(self, report: Report, young: float, *, dry_run: bool) -> list[str]:
        """Find out whether the database is behind the store; return objects that are neither known nor manifests.

        Where nobody can tell, for a store that does not answer, ``report.unsure``: what no row knows is left then.
        """
        report.held = facts.behind(self._database) is not None
        found: list[str] = []
        if report.held:
            return found
        try:
            if self._storage.owner() != facts.installation(self._database):
                return found
            before = time.time() - young
            scan = ((one, one[1]) for one in self._storage.scan(MANIFESTS + "/"))
            for key, modified in self._unknown(scan, math.inf, lambda one: one[0], garbage.needed):
                if self._is_manifest(key):
                    report.held = True
                    self._fall_behind(key, dry_run=dry_run)
                    break
                if modified.timestamp() <= before and len(found) < MOST:
                    found.append(key)
        except RegistryError as error:
            log.warning("the manifests in the store cannot be looked at: %s", error.__cause__ or error)
            report.unsure = True
            report.failed += 1
        return found

    def _is_manifest(self, key: str) -> bool:
        """Say whether an object is a manifest as a push stores it."""
        try:
            verified(self._storage.read(key, 0, LARGEST))
        except ValueError:
            return False
        except RegistryError as error:
            if error.error is BLOB_UNKNOWN:  # it went meanwhile
                return False
            raise
        return True

    def _fall_behind(self, key: str, *, dry_run: bool) -> None:
        why = f"the manifest {key} is in the store, and the database does not know it"
        log.warning("%s: it is a copy from before that. No bytes go before ocireg rebuild has run", why)
        if not dry_run:
            with self._database.transaction():
                facts.fall_behind(self._database, why)

    def _remove_leftovers(self, report: Report, young: float, rubbish: Iterable[str], *, dry_run: bool) -> None:
        if self._storage.owner() != facts.installation(self._database):
            report.foreign_store = True
            return
        before = time.time() - young
        for session in self._unknown(self._storage.scan_uploads(), before, lambda one: one.key, self._known_uploads):
            if dry_run or self._try(report, partial(self._storage.abort, session)):
                report.leftover_uploads += 1
        others = (
            self._unknown(self._storage.scan(kind + "/"), before, lambda one: one, garbage.needed)
            for kind in (BLOBS, PROBES)
        )
        for key in chain(rubbish, *others):
            if dry_run or self._try(report, partial(self._storage.delete, key)):
                report.leftover_objects += 1

    @staticmethod
    def _known_uploads(database: Database, keys: set[str]) -> set[str]:
        """Return those of sessions; and those of snapshots, which have none, while one is on its way."""
        on_its_way = {key for key in keys if key.startswith(SNAPSHOTS + "/")}
        if on_its_way and not tasks.last(database, "backup").running:
            on_its_way = set()
        return uploads.known(database, keys) | on_its_way

    def _unknown(
        self,
        found: Iterable[tuple[T, datetime]],
        before: float,
        key: Callable[[T], str],
        known_to: Callable[[Database, set[str]], set[str]],
    ) -> Iterator[T]:
        """Yield what is older than ``before`` (seconds, UTC) and whose key no row knows.

        An upload is known by the row of its session alone: a blob of the same key has been committed without it.
        """
        old = (one for one, modified in found if modified.timestamp() <= before)
        while some := list(islice(old, AT_ONCE)):
            known = known_to(self._database, {key(one) for one in some})
            yield from (one for one in some if key(one) not in known)

    def _abort(self, stored: str) -> None:
        self._storage.abort(self._storage.resume(stored))

    def _try(self, report: Report, removal: Callable[[], None]) -> bool:
        try:
            removal()
        except RegistryError as error:
            log.warning("clean-up will try again: %s", error.__cause__ or error)
            report.failed += 1
            return False
        return True
