"""What is in use: bytes, and how many of what. A blob that several repositories know counts once."""

from dataclasses import dataclass

from ocireg.metadata.database import Database


@dataclass(frozen=True, slots=True)
class Usage:
    """What the instance, or a registry, has in use. Sizes in bytes."""

    size: int
    blobs: int
    manifests: int
    repositories: int
    uploads: int
    upload_size: int


@dataclass(frozen=True, slots=True)
class RegistryUsage:
    """What a registry has in use, of those that use most."""

    path: str
    size: int


@dataclass(frozen=True, slots=True)
class Population:
    """How many there are of what an instance is made of."""

    users: int
    administrators: int
    organizations: int
    registries: int


_POPULATION = """
SELECT (SELECT count(*) FROM account), (SELECT count(*) FROM account WHERE admin),
    (SELECT count(*) FROM organization), (SELECT count(*) FROM registry WHERE organization_id IS NOT NULL)
"""
_INSTANCE = """
SELECT (SELECT coalesce(sum(size), 0) FROM blob) + (SELECT coalesce(sum(size), 0) FROM manifest),
    (SELECT count(*) FROM blob), (SELECT count(*) FROM manifest),
    (SELECT count(*) FROM repository r WHERE EXISTS (SELECT 1 FROM manifest WHERE repository_id = r.id)),
    (SELECT count(*) FROM upload), (SELECT coalesce(sum(size), 0) FROM upload)
"""
_REGISTRY = """
WITH here(id) AS (SELECT id FROM repository WHERE registry_id = ?),
    known(size) AS (SELECT size FROM blob WHERE id IN
        (SELECT blob_id FROM repository_blob WHERE repository_id IN (SELECT id FROM here))),
    held(size, repository_id) AS
        (SELECT size, repository_id FROM manifest WHERE repository_id IN (SELECT id FROM here)),
    begun(size) AS (SELECT size FROM upload WHERE repository_id IN (SELECT id FROM here))
SELECT (SELECT coalesce(sum(size), 0) FROM known) + (SELECT coalesce(sum(size), 0) FROM held),
    (SELECT count(*) FROM known), (SELECT count(*) FROM held), (SELECT count(DISTINCT repository_id) FROM held),
    (SELECT count(*) FROM begun), (SELECT coalesce(sum(size), 0) FROM begun)
"""
_LARGEST = """
SELECT coalesce(o.slug || '/' || g.slug, 'root'), sum(size) AS size FROM (
    SELECT DISTINCT r.registry_id, b.digest, b.size FROM repository_blob rb
    JOIN repository r ON r.id = rb.repository_id JOIN blob b ON b.id = rb.blob_id
    UNION ALL SELECT r.registry_id, m.digest, m.size FROM manifest m JOIN repository r ON r.id = m.repository_id
) JOIN registry g ON g.id = registry_id LEFT JOIN organization o ON o.id = g.organization_id
GROUP BY g.id ORDER BY size DESC, 1 LIMIT ?
"""


def of_instance(database: Database) -> Usage:
    """Return what the whole instance has in use."""
    return Usage(*database.fetch_all(_INSTANCE)[0])


def population(database: Database) -> Population:
    """Return how many users, organizations and registries there are; the root registry is not counted."""
    return Population(*database.fetch_all(_POPULATION)[0])


def of_registry(database: Database, registry: int) -> Usage:
    """Return what a registry has in use; what it shares with others counts in each."""
    return Usage(*database.fetch_all(_REGISTRY, registry)[0])


def largest(database: Database, limit: int) -> list[RegistryUsage]:
    """Return the registries that use most; those that use nothing are left out."""
    return [RegistryUsage(*row) for row in database.fetch_all(_LARGEST, limit)]
