"""Mends what can be mended, and sets aside what cannot, so that a push brings it again.

An object is never deleted here: one that is set aside goes when a sound one has taken its place, or nobody needs it.
"""

from ocireg.errors import RegistryError
from ocireg.manifest_record import ManifestRecord
from ocireg.metadata import audit, checking, facts, garbage, quarantine, repositories, soundness
from ocireg.metadata.audit import SYSTEM, Author, Event
from ocireg.metadata.checking import MANIFEST, Row, Told
from ocireg.metadata.database import Database
from ocireg.metadata.soundness import Sums
from ocireg.registry.check.faults import Done, Fault, Kind
from ocireg.registry.check.judge import RECORD, is_of, record_of
from ocireg.registry.manifests import PUT_TIME
from ocireg.storage import MANIFESTS, Storage, new_key

_BAD = frozenset({Kind.MISSING, Kind.WRONG_SIZE, Kind.WRONG_DIGEST, Kind.MALFORMED})


class Repair:
    """Repairs, in a transaction each. ``grace``: seconds until an object that was replaced goes."""

    def __init__(self, database: Database, storage: Storage, *, grace: float, by: Author = SYSTEM) -> None:
        self._database = database
        self._storage = storage
        self._grace = grace
        self._by = by

    def mend(self, row: Row, fault: Fault) -> None:
        """Do what can be done about an object, and note in the fault what that was.

        Nothing is done where the store is not the one that was filled: its disk may not be mounted.
        """
        if self._storage.owner() != facts.installation(self._database):
            return
        fault.done = self._mended(row, fault) or fault.done

    def _mended(self, row: Row, fault: Fault) -> Done | None:
        if fault.kind is Kind.RECOVERED:
            return self._restore(row, fault)
        if fault.kind is Kind.COPY:
            return self._fill(row, fault)
        if fault.kind not in _BAD:
            return None
        kept = checking.told(self._database, row) if row.what == MANIFEST else None
        if kept is not None and kept.content is not None and is_of(kept.content, row.digest):
            return self._rewrite(row, fault, kept, kept.content)
        return self._set_aside(row, fault)

    def recount(self, sums: Sums, fault: Fault) -> None:
        """Write the sums of a repository anew."""
        with self._database.transaction():
            soundness.recount(self._database, sums.id)
            fault.done = Done.RECOUNTED
            self._note(fault)

    def _set_aside(self, row: Row, fault: Fault) -> Done | None:
        """Let it be unknown to clients until it is pushed again; what is not there needs no quarantine."""
        missing = fault.kind is Kind.MISSING
        with self._database.transaction():
            if not checking.mark(self._database, row, lost=True):
                return None
            if missing:
                quarantine.release(self._database, row.key)
            else:
                quarantine.add(self._database, row.key, what=row.what, digest=row.digest, reason=fault.kind)
            done = Done.LOST if missing else Done.QUARANTINED
            if fault.done is not done:
                fault.done = done
                self._note(fault)
        return done

    def _restore(self, row: Row, fault: Fault) -> Done | None:
        """Let it be served again: somebody has brought its bytes back."""
        with self._database.transaction():
            if not checking.mark(self._database, row, lost=False):
                return None
            quarantine.release(self._database, row.key)
            fault.done = Done.RESTORED
            self._note(fault)
        return fault.done

    def _fill(self, row: Row, fault: Fault) -> Done | None:
        """Make the row's copy of a manifest anew from the store."""
        _, content = record_of(self._storage.read(row.key, 0, row.size + RECORD))
        if not is_of(content, row.digest):
            return None
        with self._database.transaction():
            if not checking.fill(self._database, row, content):
                return None
            fault.done = Done.FILLED
            self._note(fault)
        return fault.done

    def _rewrite(self, row: Row, fault: Fault, kept: Told, content: bytes) -> Done | None:
        """Store a manifest anew from the row's copy, under a new key: keys are never used twice."""
        key = new_key(MANIFESTS)
        with self._database.transaction():  # if this process dies now, the object will be found by this
            garbage.add(self._database, key, after=self._grace + PUT_TIME)
            registry = repositories.registry_path(self._database, kept.repository)
        record = ManifestRecord(kept.repository, row.digest, kept.media_type, kept.tags, kept.pushed_at, registry)
        try:
            self._storage.put_manifest(key, record, content)
            return self._moved(row, fault, key)
        except RegistryError:
            with self._database.transaction(durable=False):
                garbage.postpone(self._database, key, by=0)
            raise

    def _moved(self, row: Row, fault: Fault, key: str) -> Done | None:
        with self._database.transaction():
            if not checking.move(self._database, row, key):
                return None
            garbage.remove(self._database, key)
            garbage.add(self._database, row.key, after=self._grace)
            fault.done = Done.REWRITTEN
            self._note(fault)
        return fault.done

    def _note(self, fault: Fault) -> None:
        """Write it to the audit log. Inside the transaction of the repair."""
        detail = {"kind": fault.kind, "what": fault.what, "key": fault.key, "done": fault.done}
        repository = fault.repositories[0] if fault.repositories else None
        event = Event("check.repair", self._by, repository=repository, subject=fault.digest or None, detail=detail)
        audit.write(self._database, event)
