"""One check: its stages, in order."""

import time
from collections.abc import Callable, Iterator
from itertools import islice

from ocireg.errors import UNAVAILABLE, RegistryError
from ocireg.metadata import checking, garbage, quarantine, soundness, uploads
from ocireg.metadata.checking import BLOB, MANIFEST, Row
from ocireg.metadata.database import Database
from ocireg.registry.check.faults import TOLD, Fault, Kind, Progress, Report
from ocireg.registry.check.judge import Judge, standing
from ocireg.registry.check.pairs import Pair, pairs
from ocireg.registry.check.repair import Repair
from ocireg.storage import BLOBS, MANIFESTS, PROBES, ObjectInfo, Storage

AT_ONCE = 500
ENOUGH = 20
"""Objects in a row that the store does not give, after which it is the store that is at fault."""
_FOLDERS = {MANIFEST: MANIFESTS, BLOB: BLOBS}


class Run:
    """One check. What it finds is in the report; how far it is, in the progress.

    ``pulse`` is called with each object, and each piece of one that is read: it may end the check by raising something.
    ``repository``: the number of the one to be checked.
    """

    def __init__(
        self,
        database: Database,
        storage: Storage,
        report: Report,
        progress: Progress,
        *,
        grace: float,
        pulse: Callable[[], None],
        repository: int | None = None,
    ) -> None:
        self._pulse = pulse
        self._database = database
        self._storage = storage
        self._report = report
        self._progress = progress
        self._grace = grace
        self._repository = repository
        self._judge = Judge(database, storage, digests=report.digests, told=self._read)
        self._repair = Repair(database, storage, grace=grace) if report.repair and not report.foreign else None
        self._unreadable = 0
        self._orphans: list[ObjectInfo] = []

    def run(self) -> None:
        """Do it. UNAVAILABLE where the store gives nothing."""
        for what in (MANIFEST, BLOB):
            count, size = checking.totals(self._database, what, self._repository)
            self._progress.total += count
            self._progress.total_size += size if self._report.digests else 0
        self._database_itself()
        for what, folder in _FOLDERS.items():
            self._progress.stage = folder
            self._objects(what, folder)
        if self._repository is None and not self._report.foreign:
            self._progress.stage = "left-overs"
            self._left_overs()

    def _database_itself(self) -> None:
        self._pulse()
        if self._repository is None:
            problems = soundness.problems(self._database, thorough=self._report.digests)
            for text in problems + soundness.dangling(self._database):
                self._report.add(Fault(Kind.DATABASE, "database", text=text))
                self._pulse()
        for one in soundness.sums(self._database, self._repository):
            self._pulse()
            if one.said != one.counted:
                text = "manifests, tags, bytes: {}, {}, {} and not {}, {}, {}".format(*one.counted, *one.said)
                fault = Fault(Kind.MISCOUNTED, "repository", repositories=[one.name], text=text)
                if self._repair is not None:
                    self._repair.recount(one, fault)
                self._report.add(fault)

    def _objects(self, what: str, folder: str) -> None:
        for row, found in self._pairs(what, folder):
            if row is not None:
                self._object(row, found)
            elif found is not None and not self._report.foreign:
                self._stray(found)
            self._pulse()
        self._judge_strays()

    def _pairs(self, what: str, folder: str) -> Iterator[Pair]:
        rows = checking.rows(self._database, what, self._repository)
        if self._repository is None:
            return pairs(rows, self._storage.listed(f"{folder}/"))
        return ((row, self._judge.stat(row.key)) for row in rows)

    def _object(self, row: Row, found: ObjectInfo | None) -> None:
        fault = self._judge.look(row, found)
        self._progress.done += 1
        if row.what == BLOB:
            self._report.blobs += 1
        else:
            self._report.manifests += 1
        self._require_a_store(fault)
        if fault is None:
            return
        fault.done = standing(row, held=quarantine.holds(self._database, row.key))
        if self._repair is not None:
            self._mend(self._repair, row, fault)
        self._report.add(fault)

    def _mend(self, repair: Repair, row: Row, fault: Fault) -> None:
        try:
            repair.mend(row, fault)
        except RegistryError as error:  # a full disk, say: the others may go well
            fault.text = f"not repaired: {error.__cause__ or error}"[:TOLD]

    def _require_a_store(self, fault: Fault | None) -> None:
        """Raise UNAVAILABLE where the store gives nothing at all: then no object is at fault."""
        self._unreadable = self._unreadable + 1 if fault is not None and fault.kind is Kind.UNREADABLE else 0
        if fault is not None and self._unreadable >= ENOUGH:
            raise RegistryError(UNAVAILABLE) from OSError(f"the store fails: {fault.text}")

    def _read(self, count: int) -> None:
        """Take note of so many bytes that were read again."""
        self._progress.size += count
        self._report.size += count
        self._pulse()

    def _left_overs(self) -> None:
        for found in self._storage.listed(f"{PROBES}/"):
            self._stray(found)
            self._pulse()
        self._judge_strays()
        self._uploads()

    def _stray(self, found: ObjectInfo) -> None:
        """Look at objects that no row had when rows were read, some at a time. Their age is by the store's clock."""
        if found.modified.timestamp() <= time.time() - self._grace:
            self._orphans.append(found)
        if len(self._orphans) >= AT_ONCE:
            self._judge_strays()

    def _judge_strays(self) -> None:
        known = garbage.needed(self._database, [one.key for one in self._orphans]) if self._orphans else set()
        for one in self._orphans:
            if one.key not in known and self._judge.stat(one.key) is not None:
                self._report.add(Fault(Kind.ORPHAN, "object", one.key, found=one.size))
        self._orphans.clear()

    def _uploads(self) -> None:
        """Look at uploads that no row knows, and once more whether they are there: one may just have been ended."""
        before = time.time() - self._grace
        old = (one.key for one, at in self._storage.scan_uploads() if at.timestamp() <= before)
        unknown: set[str] = set()
        while some := set(islice(old, AT_ONCE)):
            unknown |= some - uploads.known(self._database, some)
            self._pulse()
        if unknown:
            for key in sorted(unknown & {one.key for one, _ in self._storage.scan_uploads()}):
                self._report.add(Fault(Kind.ORPHAN, "upload", key))
