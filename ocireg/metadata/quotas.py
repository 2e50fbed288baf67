"""How much registries and organizations may use, and do. Sizes are bytes.

What they use is kept by triggers, so it is right inside the transaction that changes it: ``docs/decisions/quota.rst``.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ocireg.errors import QUOTA_EXCEEDED, RegistryError
from ocireg.metadata.database import Database
from ocireg.metadata.sizes import in_words

NEAR = 85
"""Per cent from which on people are warned."""


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a registry or an organization uses (bytes), and the most that it may; ``quota`` is None of no limit."""

    name: str
    used: int
    quota: int | None

    @property
    def percent(self) -> int | None:
        """How much of the quota is used, rounded down; more than 100 where the quota is below it. None without one."""
        if self.quota is None:
            return None
        return self.used * 100 // self.quota if self.quota else 100

    @property
    def is_near(self) -> bool:
        """Whether people are to be warned."""
        return self.percent is not None and self.percent >= NEAR

    def require(self, more: int) -> None:
        """Raise DENIED if so many bytes more do not go in."""
        if more and self.quota is not None and self.used + more > self.quota:
            raise RegistryError(
                QUOTA_EXCEEDED,
                f"quota of {self.name} exceeded: {in_words(self.used)} of {in_words(self.quota)} used, "
                f"this needs {in_words(more)}",
                detail={"quota": self.quota, "used": self.used, "needed": more},
            )


_COLUMNS = """
SELECT coalesce(nullif(g.path, ''), 'root'), g.size, g.quota, o.slug, o.size, o.quota
FROM registry g LEFT JOIN organization o ON o.id = g.organization_id
WHERE g.id = {}
"""
_REGISTRY = _COLUMNS.format("?")
_REPOSITORY = _COLUMNS.format("(SELECT registry_id FROM repository WHERE id = ?)")
_NAME = _COLUMNS.format("(SELECT registry_id FROM repository WHERE name = ?)")
_HAS_BLOB = """
SELECT 1 FROM registry_blob l JOIN blob b ON b.id = l.blob_id
WHERE b.digest = ? AND l.registry_id = (SELECT registry_id FROM repository WHERE id = ?)
"""


def of_registry(database: Database, registry: int) -> tuple[Allowance, ...]:
    """Return that of a registry, and that of its organization if it has one; nothing of one that is not there."""
    return _allowances(database, _REGISTRY, registry)


def of_repository(database: Database, repository: int) -> tuple[Allowance, ...]:
    """Likewise of the registry that a repository belongs to, by the number of its row."""
    return _allowances(database, _REPOSITORY, repository)


def of_name(database: Database, name: str) -> tuple[Allowance, ...]:
    """Likewise by the name of the repository; nothing of one that is not there yet."""
    return _allowances(database, _NAME, name)


def of_organization(database: Database, organization: int) -> Allowance:
    """Return that of an organization that is there."""
    found = database.fetch("SELECT slug, size, quota FROM organization WHERE id = ?", organization)
    assert found is not None, "who asks has found it"
    return Allowance(f"organization {found[0]}", found[1], found[2])


def has_blob(database: Database, repository: int, digest: str) -> bool:
    """Say whether some repository of the same registry knows the blob: then it costs nothing."""
    return database.fetch(_HAS_BLOB, digest, repository) is not None


@contextmanager
def within(database: Database, repository: int) -> Iterator[None]:
    """Add to the repository. DENIED if what it belongs to uses more then, and more than it may.

    Inside the transaction, which is undone by the error.
    """
    before = of_repository(database, repository)
    yield
    if any(one.quota is not None for one in before):
        require(before, of_repository(database, repository))


def require(before: Iterable[Allowance], after: Iterable[Allowance]) -> None:
    """Raise DENIED where more is used after a change, and more than may be."""
    for old, new in zip(before, after, strict=True):
        old.require(max(new.used - old.used, 0))


def set_registry(database: Database, registry: int, quota: int | None) -> None:
    """Replace the quota. Inside a transaction."""
    database.change("UPDATE registry SET quota = ? WHERE id = ?", quota, registry)


def set_organization(database: Database, organization: int, quota: int | None) -> None:
    """Replace the quota. Inside a transaction."""
    database.change("UPDATE organization SET quota = ? WHERE id = ?", quota, organization)


def _allowances(database: Database, sql: str, which: int | str) -> tuple[Allowance, ...]:
    found = database.fetch(sql, which)
    if found is None:
        return ()
    path, used, quota, slug, all_used, all_quota = found
    registry = Allowance(path, used, quota)
    return (registry,) if slug is None else (registry, Allowance(f"organization {slug}", all_used, all_quota))
