"""Repositories by name."""

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

from peewee import Value, fn

from ocireg.errors import NAME_UNKNOWN, RegistryError
from ocireg.metadata import immutability
from ocireg.metadata.database import Database
from ocireg.metadata.image_models import ImageChain
from ocireg.metadata.models import (
    Blob,
    Garbage,
    Manifest,
    Organization,
    Registry,
    Repository,
    RepositoryBlob,
    TagEvent,
    Upload,
)

_BY_NAME = "SELECT r.id FROM repository r WHERE r.name = ? AND r.name NOT LIKE '-%'"
"""What ``purge`` leaves of a repository is none."""
_KNOWN = """
SELECT r.id FROM repository r WHERE r.name = ? AND (
    EXISTS (SELECT 1 FROM manifest WHERE repository_id = r.id)
    OR EXISTS (SELECT 1 FROM repository_blob WHERE repository_id = r.id)
    OR EXISTS (SELECT 1 FROM tag_event WHERE repository_id = r.id)
)
"""


def find(database: Database, name: str) -> int | None:
    """Return the id of the repository, or None: also where nothing but uploads has been begun in it so far."""
    found = database.fetch(_KNOWN, name)
    return found[0] if found else None


def name(database: Database, repository: int) -> str:
    """Return the name of a repository that is there."""
    found = database.fetch("SELECT name FROM repository WHERE id = ?", repository)
    return str(found[0]) if found else ""


def exists(database: Database, name: str) -> bool:
    """Say whether there is a row of that name, whatever it holds."""
    return database.fetch(_BY_NAME, name) is not None


def ensure(database: Database, name: str) -> int:
    """Return the id of the repository, made in its registry if it was not there. Inside a transaction. NAME_UNKNOWN."""
    found = database.fetch(_BY_NAME, name)
    if found is not None:
        return int(found[0])
    registry = registry_for(database, name)
    if registry is None:
        raise RegistryError(NAME_UNKNOWN, detail={"name": name})
    return database.run(Repository.insert(registry=registry, name=name, created_at=database.now()))


def registry_for(database: Database, name: str) -> int | None:
    """Return the registry that a repository of that name belongs to; None if an organization claims it that has none.

    ``a/b/c`` belongs to registry ``b`` of organization ``a``; what no organization claims, to the root registry.
    """
    first, *rest = name.split("/")
    owner = database.row(Organization.select(Organization.id).where(Organization.slug == first))
    if owner is None:
        query = Registry.select(Registry.id).where(Registry.organization.is_null())
    elif len(rest) > 1:
        query = Registry.select(Registry.id).where(Registry.organization == owner[0], Registry.slug == rest[0])
    else:
        return None
    found = database.row(query)
    return int(found[0]) if found else None


def registry_path(database: Database, name: str) -> str:
    """Return the path of that registry: ``a/b``, or "" of the root registry or none."""
    found = database.fetch("SELECT path FROM registry WHERE id = ?", registry_for(database, name))
    return str(found[0]) if found else ""


def move(database: Database, name: str, to: str, registry: int) -> bool:
    """Give a repository another name and registry; say whether it was there. Inside a transaction. ``Immutable``.

    The former name is anybody's then, so that a tag of it could be pushed as something else.
    """
    found = database.fetch(_BY_NAME, name)
    if found is None:
        return False
    immutability.require_leavable(database, found[0], "the repository keeps its name")
    of_it = Manifest.select(Manifest.id).where(Manifest.repository == found[0])
    database.run(ImageChain.update(registry=registry).where(ImageChain.manifest.in_(of_it)))
    return database.run(Repository.update(name=to, registry=registry).where(Repository.id == found[0])) == 1


def purge(database: Database, name: str, *, grace: float) -> bool:
    """Forget a repository with all that is in it; say whether it was there. Inside a transaction. ``Immutable``.

    What no other repository knows becomes garbage. Uploads that are under way end, and the clean-up finds what they
    left. The newest row stays, empty and under a name that nobody can ask for (see ``_empty``).
    """
    found = database.fetch(_BY_NAME, name)
    if found is None:
        return False
    where, due = found[0], database.now() + grace
    immutability.require_leavable(database, where, "the repository cannot be deleted")
    shared = RepositoryBlob.alias()
    elsewhere = shared.select(shared.blob).where(shared.blob == Blob.id, shared.repository != where)
    known = Blob.select(Blob.id).join(RepositoryBlob, on=(RepositoryBlob.blob == Blob.id))
    alone = known.where(RepositoryBlob.repository == where, ~fn.EXISTS(elsewhere))
    keys = (
        Manifest.select(Manifest.key, Value(due)).where(Manifest.repository == where),
        Blob.select(Blob.key, Value(due)).where(Blob.id.in_(alone)),
    )
    for query in keys:
        database.run(Garbage.insert_from(query, [Garbage.key, Garbage.due_at]).on_conflict_ignore())
    database.run(Blob.delete().where(Blob.id.in_(alone)))
    for model in (Manifest, RepositoryBlob, TagEvent, Upload):
        database.run(model.delete().where(model.repository == where))
    newest = Repository.select(fn.MAX(Repository.id))
    if not database.run(Repository.delete().where(Repository.id == where, Repository.id < newest)):
        root = Registry.select(Registry.id).where(Registry.organization.is_null())
        database.run(Repository.update(name=f"-{where}", registry=root).where(Repository.id == where))
    return True


def remove_unused(database: Database, name: str) -> None:
    """Forget a repository that holds nothing and is not being pushed to. Inside a transaction."""
    held = [model.select().where(model.repository == Repository.id) for model in (Manifest, RepositoryBlob, Upload)]
    unused = [~fn.EXISTS(one) for one in held]
    database.run(Repository.delete().where(Repository.name == name, *unused))


@dataclass(frozen=True, slots=True)
class Reach:
    """Registries: all of them, or the public ones and those that are named or belong to an organization named.

    ``bound_to``: of those that are not public this one at most. ``root``: whether the root registry is there at all.
    """

    everything: bool = False
    registries: frozenset[int] = frozenset()
    organizations: frozenset[int] = frozenset()
    bound_to: int | None = None
    root: bool = True


EVERYTHING = Reach(everything=True)


def page(database: Database, after: str, limit: int, reach: Reach = EVERYTHING) -> list[str]:
    """Return up to ``limit`` names greater than ``after``, in ASCII order, of repositories that hold a manifest.

    An empty repository is not listed: it may be all that is left of a push that was given up.
    """
    holds = Manifest.select(Manifest.id).where(Manifest.repository == Repository.id)
    wanted = (Repository.name > after, fn.EXISTS(holds), *within(reach))
    query = Repository.select(Repository.name).where(*wanted).order_by(Repository.name).limit(limit)
    return [row[0] for row in database.rows(query)]


def within(reach: Reach) -> tuple[Any, ...]:
    """Return what is true of a repository of the registries that are reached."""
    if reach.everything and reach.bound_to is None and reach.root:
        return ()
    return (Repository.registry.in_(Registry.select(Registry.id).where(*reached(reach))),)


def reached(reach: Reach) -> tuple[Any, ...]:
    """Return what is true of a registry that is reached."""
    held = Registry.id.in_(sorted(reach.registries)) | Registry.organization.in_(sorted(reach.organizations))
    if reach.everything:
        held = Registry.id.is_null(False)
    if reach.bound_to is not None:
        held &= Registry.id == reach.bound_to
    wanted = [(Registry.visibility == "public") | held]
    if not reach.root:
        wanted.append(Registry.organization.is_null(False))
    return tuple(wanted)


def empty(database: Database) -> list[int]:
    """Return the repositories that hold nothing, neither uploads nor a history of tags."""
    return [row[0] for row in database.rows(Repository.select(Repository.id).where(*_empty()))]


def remove_empty(database: Database, some: Collection[int]) -> int:
    """Forget those of ``some`` that still hold nothing; return how many. Inside a transaction."""
    return database.run(Repository.delete().where(Repository.id.in_(list(some)), *_empty()))


def _empty() -> tuple[Any, ...]:
    """Return what is true of a repository that holds nothing.

    The newest row stays whatever it holds: SQLite would give its id to the next, and a reader that has the id in hand
    would be shown another repository.
    """
    newest = Repository.select(fn.MAX(Repository.id))
    holds = (
        fn.EXISTS(model.select(model.repository).where(model.repository == Repository.id))
        for model in (Manifest, RepositoryBlob, TagEvent, Upload)
    )
    return (Repository.id < newest, *(~one for one in holds))
