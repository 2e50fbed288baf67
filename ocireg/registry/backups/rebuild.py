"""Takes in what the store has and the database does not know, after a snapshot was restored, or from nothing.

Manifests first: the line before each says where it was pushed, when, and with which tags. Then blobs: objects are read,
to learn their digests, while a manifest names one that is not there. A blob that no manifest names is left to the
clean-up: whoever pushed it has not ended. It may be cut off anywhere, and done again; see
``docs/decisions/backups.rst``.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice

from ocireg.errors import BLOB_UNKNOWN, OperatorError, RegistryError
from ocireg.hashing import Hashes
from ocireg.metadata import audit, blobs, facts, rebuilding
from ocireg.metadata.audit import SYSTEM, Event
from ocireg.metadata.blobs import StoredBlob
from ocireg.metadata.database import Database
from ocireg.metadata.rebuilding import Keyed
from ocireg.oci.digest import ALGORITHMS
from ocireg.registry.backups.indexing import Indexing, NoManifest, Places
from ocireg.registry.backups.walk import unknown, unmatched
from ocireg.registry.turns import Turns, kept
from ocireg.storage import BLOBS, INSTALLATION, MANIFESTS, PIECE, ObjectInfo, Storage

TASK = "rebuild"
"""Its name among the tasks."""
PATIENCE = 30.0
"""Seconds: one that was killed holds its turn for less."""
SORTED = 10_000
"""Manifests that are put in order of their pushes at a time, so that the history of their tags is."""

Told = Callable[[str, int], None]
"""Is told what is done (``manifests``, ``blobs``), and that so many bytes more are."""


@dataclass(slots=True)
class Rebuilt:
    """What was taken in, or would be.

    ``manifests`` and the ``tags`` that point at them now; ``stored``: manifests whose object was gone, and was made
    anew from the row; ``blobs`` found, of ``hashed`` objects and ``size`` bytes that were read; ``lost``: blobs whose
    object is gone; ``unreadable``: objects that hold no manifest; ``homeless``: manifests of a name that no registry
    may have; ``incomplete``: manifests that name what is not there.
    """

    manifests: int = 0
    tags: int = 0
    stored: int = 0
    blobs: int = 0
    hashed: int = 0
    size: int = 0
    lost: int = 0
    unreadable: int = 0
    homeless: int = 0
    incomplete: int = 0
    busy: bool = False


class Rebuild:
    """The use-case. Seconds: ``protection`` of what is taken in, ``grace`` of objects that others replaced."""

    def __init__(
        self, database: Database, storage: Storage, places: Places, *, protection: float, grace: float, limit: int
    ) -> None:
        self._database = database
        self._storage = storage
        self._indexing = Indexing(database, storage, places, protection=protection, grace=grace, limit=limit)
        self._grace = grace

    def run(self, *, dry_run: bool = False, adopt: bool = False, told: Told = lambda *_: None) -> Rebuilt:
        """Take in what is there. ``adopt``: a store of another installation, which is this one's from then on.

        ``OperatorError`` of such a store otherwise. Nothing is collected meanwhile, nor removed from the store.
        """
        self._require_own(adopt=adopt, dry_run=dry_run)
        done = Rebuilt()
        if dry_run:
            self._manifests(done, told, dry_run=True)
            done.hashed = sum(1 for _ in self._objects(done, dry_run=True))
            return done
        with Turns(self._database, TASK).take(PATIENCE) as turn:
            if turn is None:
                done.busy = True
                return done
            with kept(turn):
                self._manifests(done, told, dry_run=False)
                self._blobs(done, told)
            done.incomplete = rebuilding.incomplete(self._database)
            turn.report = {name: count for name, count in asdict(done).items() if name != "busy"}
            with self._database.transaction():
                if not done.homeless:  # they would be found again at once
                    facts.catch_up(self._database)
                audit.write(self._database, Event("database.rebuild", SYSTEM, detail=turn.report))
        return done

    def _require_own(self, *, adopt: bool, dry_run: bool) -> None:
        identity = facts.installation(self._database)
        owner = self._storage.owner()
        if owner not in (None, identity) and not adopt:
            raise OperatorError(
                "the store belongs to another database. If that is lost for ever, and nothing else serves this store, "
                "ocireg rebuild --adopt makes it this one's"
            )
        if dry_run:
            return
        with self._database.transaction():  # before the mark: the clean-up takes what it does not know in its own store
            facts.fall_behind(self._database, "ocireg rebuild has begun, and not ended")
        if owner != identity:
            self._storage.put(INSTALLATION, identity.encode())

    def _manifests(self, done: Rebuilt, told: Told, *, dry_run: bool) -> None:
        every = self._found(MANIFESTS, rebuilding.manifests_by_key(self._database), done, dry_run=dry_run)
        while some := list(islice(every, SORTED)):
            read = [(found, one.key) for one in some if (found := self._read(one, done)) is not None]
            for at, key in sorted(read):
                told("manifests", 0)
                if dry_run:
                    done.manifests += 1
                else:
                    self._index(key, at, done)

    def _read(self, one: ObjectInfo, done: Rebuilt) -> float | None:
        try:
            return self._indexing.pushed_at(one)
        except NoManifest:
            done.unreadable += 1
            return None

    def _index(self, key: str, at: float, done: Rebuilt) -> None:
        try:
            tags = self._indexing.index(key, at)
        except NoManifest:
            done.unreadable += 1
            return
        if tags is None:
            done.homeless += 1
            return
        done.manifests += 1
        done.tags += tags

    def _blobs(self, done: Rebuilt, told: Told) -> None:
        """See what is lost first: an object that is read then may be the same blob, pushed again."""
        for _ in self._objects(done):
            pass
        missing = {name: count for name in ALGORITHMS if (count := rebuilding.missing(self._database, name))}
        for one in self._objects(done) if missing else ():
            if not self._is_there(one.key):
                continue  # it went meanwhile
            if learnt := self._learn(one, missing, told):
                done.blobs += 1
                missing[learnt] -= 1
            done.hashed += 1
            done.size += one.size
            if not any(count > 0 for count in missing.values()):
                return  # what else there is nobody needs

    def _learn(self, one: ObjectInfo, missing: Iterable[str], told: Told) -> str:
        """Read an object; let it be the blob that it is, if a manifest names that. Return by which algorithm, or ""."""
        hashes = Hashes.begin(missing)
        with self._storage.open(one.key, size=one.size) as stored:
            while piece := stored.read(PIECE):
                hashes.update(piece)
                told("blobs", len(piece))
        for name in missing:
            digest = f"{name}:{hashes.hexdigest(name)}"
            with self._database.transaction():
                if rebuilding.is_named(self._database, digest):
                    row = blobs.store(self._database, digest, one.key, one.size, grace=self._grace)
                    rebuilding.link_blob(self._database, row)
                    return name
        return ""

    def _objects(self, done: Rebuilt, *, dry_run: bool = False) -> Iterator[ObjectInfo]:
        return self._found(BLOBS, rebuilding.blobs_by_key(self._database), done, dry_run=dry_run)

    def _found(self, kind: str, rows: Iterator[Keyed], done: Rebuilt, *, dry_run: bool) -> Iterator[ObjectInfo]:
        """Yield objects that are not known; see to rows whose object is gone."""

        def objects() -> Iterator[ObjectInfo]:
            for one in unmatched(rows, self._storage.listed(kind + "/")):
                if isinstance(one, ObjectInfo):
                    yield one
                elif not self._is_there(one.key) and not dry_run:
                    self._mend(kind, one, done)

        return unknown(self._database, objects())

    def _is_there(self, key: str) -> bool:
        try:
            self._storage.stat(key)
        except RegistryError as error:
            if error.error is BLOB_UNKNOWN:
                return False
            raise
        return True

    def _mend(self, kind: str, row: Keyed, done: Rebuilt) -> None:
        if kind == MANIFESTS:
            done.stored += self._indexing.store_again(row)
            return
        with self._database.transaction():
            done.lost += blobs.mark(self._database, StoredBlob(row.id, row.key, row.size), lost=True)
