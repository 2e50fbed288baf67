"""Manifests of a repository: read, pushed, deleted (OCI distribution v1.1.1, end-3, end-7, end-9)."""

from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from threading import BoundedSemaphore

from ocireg.errors import (
    BLOB_UNKNOWN,
    DIGEST_INVALID,
    MANIFEST_BLOB_UNKNOWN,
    MANIFEST_INVALID,
    MANIFEST_UNKNOWN,
    NAME_UNKNOWN,
    STORAGE_FULL,
    UNAVAILABLE,
    RegistryError,
)
from ocireg.metadata import (
    audit,
    blobs,
    candidates,
    chains,
    garbage,
    immutability,
    manifests,
    quotas,
    repositories,
    tags,
)
from ocireg.metadata.audit import SYSTEM, Author, Event
from ocireg.metadata.database import Database
from ocireg.metadata.manifests import Edge, Referrer, StoredManifest
from ocireg.oci import manifest as parser
from ocireg.oci.digest import Digest
from ocireg.oci.errors import InvalidManifest
from ocireg.registry.disk import DiskGuard
from ocireg.storage import MANIFESTS, ManifestRecord, Storage, new_key

Reference = Digest | str

PUT_TIME = 600.0
"""Seconds within which an object that was put has its row, whatever the grace."""

LOST_MANIFEST = "the store has lost this manifest: push it again"

PARSING = BoundedSemaphore(2)
"""A manifest on its way from bytes to values takes many times its size, and one core: more at once would only take more
memory, in every process."""


@dataclass(frozen=True, slots=True)
class FoundManifest:
    """A manifest as it was pushed; ``content`` is empty where only its description was asked for. ``size`` in bytes.

    ``repository`` is the number of the repository's row.
    """

    digest: Digest
    media_type: str
    size: int
    content: bytes
    repository: int


@dataclass(frozen=True, slots=True)
class PushedManifest:
    """What became of a push: its digest, its tags, its subject, and how many of its parts are not here."""

    digest: Digest
    tags: tuple[str, ...]
    subject: Digest | None
    missing: int = 0


class Manifests:
    """The use-cases of manifests."""

    def __init__(
        self,
        database: Database,
        storage: Storage,
        disk: DiskGuard,
        *,
        sparse: bool,
        protection: float,
        grace: float,
    ) -> None:
        self._database = database
        self._storage = storage
        self._disk = disk
        self._sparse = sparse
        self._protection = protection
        self._grace = grace

    def describe(self, repository: str, reference: Reference, *, pushing: bool = False) -> FoundManifest:
        """Return the manifest without its content. MANIFEST_UNKNOWN, NAME_UNKNOWN.

        One that is asked for by digest stays, for one that may be ``pushing`` an index of it, for half of the
        protection at least: a row says so before the answer.
        """
        found = self._find(repository, reference, content=False)
        if pushing and isinstance(reference, Digest):
            self._protect(repository, found)
        return FoundManifest(Digest.parse(found.digest), found.media_type, found.size, b"", found.repository)

    def _protect(self, repository: str, found: StoredManifest) -> None:
        if found.protected_until - self._database.now() >= self._protection / 2:
            return
        try:
            with self._database.transaction(durable=False):
                there = manifests.protect(self._database, repository, found.digest, seconds=self._protection)
        except RegistryError as error:
            if error.error is not STORAGE_FULL:
                raise
            return  # nothing is pushed now; whoever pulls is not to notice
        if not there:
            raise self._unknown(repository, Digest.parse(found.digest))

    def get(self, repository: str, reference: Reference) -> FoundManifest:
        """Return the manifest, byte for byte: from the row's copy, or from the store where that was emptied.

        UNAVAILABLE where the store should have it and has not.
        """
        found = self._find(repository, reference, content=True)
        digest = Digest.parse(found.digest)
        content = found.content
        if content is None:
            content = self._stored(found.key, digest)
        return FoundManifest(digest, found.media_type, found.size, bytes(content), found.repository)

    def _stored(self, key: str, digest: Digest) -> bytes:
        try:
            return self._storage.get_manifest(key, digest)
        except RegistryError as error:
            if error.error is not BLOB_UNKNOWN:
                raise
            raise RegistryError(UNAVAILABLE, LOST_MANIFEST, detail={"digest": str(digest)}) from error

    def put(
        self,
        repository: str,
        reference: Reference,
        content: bytes,
        content_type: str | None,
        more_tags: Collection[str] = (),
        by: Author = SYSTEM,
    ) -> PushedManifest:
        """Store a manifest under its digest and point tags at it (end-7a, end-7b).

        In the store first, durably; then in one transaction with its edges and tags. MANIFEST_INVALID;
        DIGEST_INVALID if
        ``reference`` is the digest of something else; MANIFEST_BLOB_UNKNOWN, one error for each thing that is missing;
        DENIED if a tag is immutable and points at something else, and where it does not go into a quota.
        """
        self._disk.require_room()
        if isinstance(reference, Digest):
            digest, names = reference, tuple(dict.fromkeys(more_tags))
        else:
            digest, names = Digest.of(content), tuple(dict.fromkeys((reference, *more_tags)))
        if Digest.of(content, digest.algorithm) != digest:
            raise RegistryError(DIGEST_INVALID, detail={"digest": str(digest)})
        immutability.require_free(self._database, repository, names, str(digest))
        try:
            with PARSING:
                parsed = parser.parse(content, content_type)
        except InvalidManifest as error:
            raise RegistryError(MANIFEST_INVALID, str(error)) from error
        missing = self._require_parts(repository, parsed)
        self.require_quota(repository, digest, len(content))
        key = new_key(MANIFESTS)
        with self._database.transaction():  # else a loss of power leaves a manifest that no row knows, as of a rollback
            garbage.add(self._database, key, after=self._grace + PUT_TIME)
            registry = repositories.registry_path(self._database, repository)
        record = ManifestRecord(repository, str(digest), parsed.media_type, names, self._database.now(), registry)
        try:
            self._storage.put_manifest(key, record, content)
            self._index(repository, digest, names, parsed, key, content, by)
        except RegistryError:
            with suppress(RegistryError), self._database.transaction(durable=False):
                garbage.postpone(self._database, key, by=0)
            raise
        return PushedManifest(digest, names, parsed.subject.digest if parsed.subject else None, len(missing))

    def require_quota(self, repository: str, digest: Digest, size: int) -> None:
        """Raise DENIED if so many bytes do not go into a quota, before they are taken; not of a manifest that is there.

        What is exact is the transaction that stores it.
        """
        allowances = [one for one in quotas.of_name(self._database, repository) if one.quota is not None]
        if allowances and manifests.find(self._database, repository, digest=str(digest), content=False) is None:
            for one in allowances:
                one.require(size)

    def delete(self, repository: str, digest: Digest, by: Author = SYSTEM) -> None:
        """Delete the manifest and every tag that points at it (end-9). MANIFEST_UNKNOWN, NAME_UNKNOWN.

        DENIED of one that an immutable tag leads to.
        """
        with self._database.transaction():
            gone = manifests.remove(self._database, repository, str(digest), by=by.name, grace=self._grace)
            if gone:
                event = Event("manifest.delete", by, repository=repository, subject=str(digest))
                audit.write(self._database, event)
        if not gone:
            raise self._unknown(repository, digest)

    def _find(self, repository: str, reference: Reference, *, content: bool) -> StoredManifest:
        wanted = {"digest": str(reference)} if isinstance(reference, Digest) else {"tag": reference}
        found = manifests.find(self._database, repository, content=content, **wanted)
        if found is None:
            raise self._unknown(repository, reference)
        return found

    def _unknown(self, repository: str, reference: Reference) -> RegistryError:
        if repositories.find(self._database, repository) is None:
            return RegistryError(NAME_UNKNOWN, detail={"name": repository})
        return RegistryError(MANIFEST_UNKNOWN, detail={"reference": str(reference)})

    def _require_parts(self, repository: str, parsed: parser.Manifest | parser.Index) -> list[str]:
        """Return what is missing, where it may be. MANIFEST_BLOB_UNKNOWN, one error for each thing that is missing."""
        missing = self._missing(repository, parsed)
        if missing and not self._sparse:
            first, *others = (RegistryError(MANIFEST_BLOB_UNKNOWN, detail={"digest": one}) for one in missing)
            first.others = tuple(others)
            raise first
        return missing

    def _missing(self, repository: str, parsed: parser.Manifest | parser.Index) -> list[str]:
        """Return the digests of parts that are not here; the setting ``sparse`` says whether that is refused.

        An index may list blobs as children (build caches do), so a child is known if it is a manifest or a blob. The
        subject may come later (end-7: "MUST accept"), and foreign layers need not come at all.
        """
        wanted = {str(one.descriptor.digest): one.kind for one in parsed.references if one.kind != "foreign"}
        where = repositories.find(self._database, repository)
        if where is None:
            return sorted(wanted)
        absent = blobs.missing(self._database, where, wanted.keys())
        children = {digest for digest in absent if wanted[digest] == "manifest"}
        return sorted(absent - children | manifests.missing(self._database, where, children))

    def _index(
        self,
        repository: str,
        digest: Digest,
        names: Collection[str],
        parsed: parser.Manifest | parser.Index,
        key: str,
        content: bytes,
        by: Author,
    ) -> None:
        stored = StoredManifest(0, str(digest), parsed.media_type, len(content), key, content)
        edges = [
            Edge(one.kind, str(one.descriptor.digest), one.descriptor.media_type, one.descriptor.size)
            for one in parsed.references
        ]
        referrer = Referrer(str(digest), parsed.media_type, len(content), parsed.artifact_type, parsed.annotations)
        subject = str(parsed.subject.digest) if parsed.subject else None
        with self._database.transaction():
            if not self._sparse:
                self._require_parts(repository, parsed)  # once more: what was there may have been collected since
            garbage.remove(self._database, key)
            where = repositories.ensure(self._database, repository)
            with quotas.within(self._database, where):
                row = manifests.store(
                    self._database,
                    where,
                    stored,
                    edges,
                    referrer,
                    subject,
                    by=by.name,
                    protection=self._protection,
                    grace=self._grace,
                )
            chains.keep(self._database, where, row, edges)
            for name in names:
                tags.point(self._database, where, name, row, str(digest), by.name)
            candidates.pushed(self._database, row)
            detail = {"tags": list(names), "size": len(content)}
            audit.write(
                self._database,
                Event("manifest.push", by, repository=repository, subject=str(digest), detail=detail),
            )
