"""All use-cases of one installation, by noun."""

from collections.abc import Sequence
from dataclasses import dataclass

from ocireg.config import Settings
from ocireg.metadata import immutability
from ocireg.metadata.database import Database
from ocireg.registry.backups import Backups
from ocireg.registry.blobs import Blobs
from ocireg.registry.catalog import Catalog
from ocireg.registry.check import Check
from ocireg.registry.claims import Means, Terms
from ocireg.registry.collector import Collector
from ocireg.registry.contents import Contents
from ocireg.registry.disk import DiskGuard
from ocireg.registry.downloads import Downloads
from ocireg.registry.health import Health
from ocireg.registry.leases import Leases
from ocireg.registry.manifests import Manifests
from ocireg.registry.quotas import Quotas
from ocireg.registry.referrers import Referrers
from ocireg.registry.retention.service import Retention
from ocireg.registry.roots import Delays
from ocireg.registry.sweep import Sweep
from ocireg.registry.tags import Tags
from ocireg.registry.uploads import Uploads
from ocireg.registry.versions import Versions
from ocireg.registry.why import Why
from ocireg.storage import Storage


def delays_of(settings: Settings) -> Delays:
    """Return how long what has lost its use stays."""
    return Delays(grace=settings.gc_grace, untagged=settings.untagged_retention)


def backups_of(database: Database, storage: Storage, settings: Settings) -> Backups:
    """Return the use-case of snapshots, which an older database has, too."""
    return Backups(database, storage, keep=settings.backup_keep, low_water=settings.low_water)


def why_of(database: Database, settings: Settings) -> Why:
    """Return the use-case of asking why something is there, which needs no store."""
    return Why(database, delays_of(settings), grace=settings.orphan_grace)


def retention_of(database: Database, settings: Settings) -> Retention:
    """Return the use-cases of retention, which need no store."""

    def immutable(repository: str, names: Sequence[str]) -> dict[str, str]:
        bound = immutability.among(database, repository, names)
        return {name: f"it is immutable (rule: {rule})" for name, rule in bound.items()}

    return Retention(database, floor=settings.retention_floor, interval=settings.retention_interval, exempt=immutable)


@dataclass(frozen=True, slots=True)
class Registry:
    """What the web and the commands call."""

    backups: Backups
    blobs: Blobs
    catalog: Catalog
    check: Check
    collector: Collector
    contents: Contents
    disk: DiskGuard
    downloads: Downloads
    health: Health
    manifests: Manifests
    quotas: Quotas
    referrers: Referrers
    retention: Retention
    sweep: Sweep
    tags: Tags
    uploads: Uploads
    versions: Versions
    why: Why

    @classmethod
    def build(cls, database: Database, storage: Storage, settings: Settings) -> "Registry":
        """Wire the use-cases to a database and a store."""
        grace = settings.orphan_grace
        disk = DiskGuard.for_settings(settings)
        leases = Leases(database, seconds=settings.upload_lease, expiry=settings.upload_expiry)
        limit = min(settings.blob_limit, storage.limits.size or settings.blob_limit)
        protection = settings.upload_protection
        terms = Terms(
            expiry=settings.upload_expiry,
            protection=protection,
            grace=grace,
            limit=limit,
            most=settings.uploads_per_actor,
        )
        blobs = Blobs(database, storage, protection=protection, grace=grace)
        manifests = Manifests(database, storage, disk, sparse=settings.sparse, protection=protection, grace=grace)
        return cls(
            backups=backups_of(database, storage, settings),
            blobs=blobs,
            catalog=Catalog(database),
            check=Check(database, storage, grace=grace),
            collector=Collector(database, delays_of(settings), protection=protection, grace=grace),
            contents=Contents(
                database,
                blobs,
                disk,
                enabled=settings.contents,
                workers=settings.contents_workers,
                entries=settings.contents_entries,
            ),
            disk=disk,
            downloads=Downloads(database, interval=settings.downloads_interval, enabled=not settings.read_only),
            health=Health(database, storage),
            manifests=manifests,
            quotas=Quotas(database),
            referrers=Referrers(database),
            retention=retention_of(database, settings),
            sweep=Sweep(database, storage, grace=grace, retention=settings.audit_retention),
            tags=Tags(database),
            uploads=Uploads(Means(database, storage, disk, leases, terms)),
            versions=Versions(database, storage, manifests, blobs),
            why=why_of(database, settings),
        )
