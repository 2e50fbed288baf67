"""What is in use: bytes, and how many of what. A blob that several repositories know counts once.

The sums are kept by triggers: see ``docs/decisions/quota.rst``.
"""

from dataclasses import dataclass

from ocireg.metadata.database import Database
from ocireg.metadata.quotas import Allowance


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
    """What a registry has in use, of those that use most, and what it may. Bytes."""

    path: str
    size: int
    quota: int | None = None

    @property
    def allowance(self) -> Allowance:
        """What is used of what may be."""
        return Allowance(self.path, self.size, self.quota)

    @property
    def percent(self) -> int | None:
        """How much of the quota is used; None without one."""
        return self.allowance.percent


@dataclass(frozen=True, slots=True)
class RepositoryUsage:
    """What a repository has in use, of those that use most. What it shares with others counts in each. Bytes."""

    name: str
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
SELECT size, blobs, manifests, (SELECT count(*) FROM repository WHERE manifests > 0),
    (SELECT count(*) FROM upload), (SELECT coalesce(sum(size), 0) FROM upload) FROM instance_usage
"""
_REGISTRY = """
SELECT g.size, g.blobs, g.manifests,
    (SELECT count(*) FROM repository WHERE registry_id = g.id AND manifests > 0), count(u.id), coalesce(sum(u.size), 0)
FROM registry g LEFT JOIN (upload u JOIN repository r ON r.id = u.repository_id) ON r.registry_id = g.id
WHERE g.id = ? GROUP BY g.id
"""
_LARGEST = """
SELECT coalesce(nullif(path, ''), 'root'), size, quota FROM registry
WHERE size > 0 AND (? IS NULL OR organization_id = ?) ORDER BY size DESC, 1 LIMIT ?
"""
_REPOSITORIES = """
SELECT name, size FROM repository WHERE registry_id = ? AND size > 0 ORDER BY size DESC, name LIMIT ?
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


def largest(database: Database, limit: int, organization: int | None = None) -> list[RegistryUsage]:
    """Return the registries that use most, or those of one organization; those that use nothing are left out."""
    return [RegistryUsage(*row) for row in database.fetch_all(_LARGEST, organization, organization, limit)]


def largest_repositories(database: Database, registry: int, limit: int) -> list[RepositoryUsage]:
    """Return the repositories of a registry that use most."""
    return [RepositoryUsage(*row) for row in database.fetch_all(_REPOSITORIES, registry, limit)]
