"""From a manifest in the store to its rows, as the push of it wrote them."""

from collections.abc import Callable
from contextlib import suppress

from ocireg.errors import BLOB_UNKNOWN, RegistryError
from ocireg.manifest_record import ManifestRecord
from ocireg.metadata import candidates, chains, garbage, generation, manifests, organizations, rebuilding, registries
from ocireg.metadata import repositories as names
from ocireg.metadata.database import Database
from ocireg.metadata.manifests import Edge, Referrer, StoredManifest
from ocireg.metadata.rebuilding import Keyed
from ocireg.oci.digest import Digest
from ocireg.oci.reference import is_tag
from ocireg.registry.manifests import PUT_TIME
from ocireg.registry.stored import HEAD, FoundInStore, verified
from ocireg.storage import MANIFESTS, ObjectInfo, Storage, new_key

Places = Callable[[str, str], bool]
"""Says whether an organization and a registry may be called so."""


class NoManifest(Exception):  # noqa: N818 - what it is
    """An object that does not hold what a push would have stored; or it is gone."""


class Indexing:
    """Indexes what was found in the store. ``limit``: bytes of the largest manifest."""

    def __init__(
        self, database: Database, storage: Storage, places: Places, *, protection: float, grace: float, limit: int
    ) -> None:
        self._database = database
        self._storage = storage
        self._places = places
        self._protection = protection
        self._grace = grace
        self._limit = limit

    def pushed_at(self, one: ObjectInfo) -> float:
        """Return when a manifest was pushed, by its line; not later than now. ``NoManifest``."""
        if one.size > self._limit + HEAD:
            raise NoManifest
        return min(self._read(one.key).record.pushed_at, self._database.now())

    def index(self, key: str, at: float) -> int | None:
        """Let a manifest be known, pushed ``at`` that time; return how many tags point at it now. ``NoManifest``.

        None where no registry can have it. Of two pushes of the same manifest the later one's object stays.
        """
        found = self._read(key)
        digest = str(found.digest)
        with self._database.transaction():
            where = self._repository(found.record)
            if where is None:
                return None
            before = rebuilding.manifest(self._database, where, digest)
            if before is not None and before[1] >= at:
                row = before[0]
                garbage.add(self._database, key, after=self._grace)
            else:
                row = self._insert(where, key, found, at)
            named = [one for one in found.record.tags if is_tag(one)]
            pointed = [rebuilding.point(self._database, where, one, row, digest, at) for one in named]
            candidates.pushed(self._database, row)
        return sum(pointed)

    def store_again(self, row: Keyed) -> bool:
        """Store a manifest whose object is gone from the row's copy; say whether there was a sound one."""
        found = rebuilding.content(self._database, row.id, row.key)
        if found is None:
            return False
        repository, media_type, content, at, tags = found
        digest = Digest.parse(row.digest)
        if content is None or Digest.of(content, digest.algorithm) != digest:
            return False
        key = new_key(MANIFESTS)
        with self._database.transaction():
            garbage.add(self._database, key, after=self._grace + PUT_TIME)
            registry = names.registry_path(self._database, repository)
        record = ManifestRecord(repository, row.digest, media_type, tuple(tags), at, registry)
        self._storage.put_manifest(key, record, bytes(content))
        with self._database.transaction():
            if moved := rebuilding.rekey(self._database, row.id, row.key, key):
                garbage.remove(self._database, key)
        return moved

    def _read(self, key: str) -> FoundInStore:
        """Read and verify a manifest; what the line says of names is checked, too. ``NoManifest``."""
        try:
            return verified(self._storage.read(key, 0, self._limit + HEAD))
        except ValueError as error:
            raise NoManifest from error
        except RegistryError as error:
            if error.error is BLOB_UNKNOWN:
                raise NoManifest from error
            raise

    def _insert(self, where: int, key: str, found: FoundInStore, at: float) -> int:
        parsed, digest = found.parsed, str(found.digest)
        stored = StoredManifest(0, digest, parsed.media_type, len(found.content), key, found.content)
        edges = [
            Edge(one.kind, str(one.descriptor.digest), one.descriptor.media_type, one.descriptor.size)
            for one in parsed.references
        ]
        referrer = Referrer(digest, parsed.media_type, len(found.content), parsed.artifact_type, parsed.annotations)
        row = manifests.store(
            self._database,
            where,
            stored,
            edges,
            referrer,
            str(parsed.subject.digest) if parsed.subject else None,
            by="",
            protection=self._protection,
            grace=self._grace,
            at=at,
        )
        chains.keep(self._database, where, row, edges)
        rebuilding.link_manifest(self._database, row)
        return row

    def _repository(self, record: ManifestRecord) -> int | None:
        """Return the repository, made with its registry and organization where they are not there; None if it cannot.

        Of what was stored by a version that did not note the registry, the name says which one it is where its
        organization is known; else it is the root registry's.
        """
        first, *rest = record.repository.split("/")
        named = record.registry or (f"{first}/{rest[0]}" if len(rest) > 1 and self._claims(first) else "")
        if named and record.repository.startswith(f"{named}/"):
            self._ensure_registry(*named.split("/", 1))
        if record.registry and names.registry_path(self._database, record.repository) != record.registry:
            return None  # in the root registry others may read what was private
        with suppress(RegistryError):
            return names.ensure(self._database, record.repository)
        return None

    def _claims(self, slug: str) -> bool:
        return organizations.by_slug(self._database, slug) is not None

    def _ensure_registry(self, organization: str, slug: str) -> None:
        """Make them, private; not an organization that would claim what the root registry has."""
        if registries.by_slugs(self._database, organization, slug) or not self._places(organization, slug):
            return
        owner = organizations.by_slug(self._database, organization)
        if owner is None and organizations.claimed_by_root(self._database, organization, 1):
            return
        number = owner.id if owner else organizations.add(self._database, organization, organization)
        registries.add(self._database, number, slug, name=slug)
        generation.bump(self._database)
