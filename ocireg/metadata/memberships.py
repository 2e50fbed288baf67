"""What users are in organizations, and may do in registries."""

from dataclasses import dataclass

from peewee import JOIN, fn

from ocireg.metadata import window
from ocireg.metadata.access_models import Grant, Membership, User
from ocireg.metadata.database import Database
from ocireg.metadata.models import Organization, Registry
from ocireg.metadata.window import Window


@dataclass(frozen=True, slots=True)
class Standing:
    """A user by name, and the role (in an organization) or the level (on a registry) that it has."""

    user: str
    standing: str


def roles(database: Database, user: str) -> dict[int, str]:
    """Return the roles of a user, by organization."""
    query = Membership.select(Membership.organization, Membership.role).where(Membership.user == user)
    return dict(database.rows(query))


def levels(database: Database, user: str) -> dict[int, str]:
    """Return the levels that were granted to a user, by registry."""
    return dict(database.rows(Grant.select(Grant.registry, Grant.level).where(Grant.user == user)))


def members(database: Database, organization: int) -> list[Standing]:
    """Return who belongs to an organization, by name."""
    query = Membership.select(User.name, Membership.role).join(User, on=(User.id == Membership.user))
    found = database.rows(query.where(Membership.organization == organization).order_by(User.name))
    return [Standing(*row) for row in found]


def members_page(database: Database, organization: int, which: Window) -> list[Standing]:
    """Return a window of those who belong to an organization, by name."""
    query = Membership.select(User.name, Membership.role).join(User, on=(User.id == Membership.user))
    found = window.rows(database, query.where(Membership.organization == organization), which, User.name)
    return [Standing(*row) for row in found]


def granted_page(database: Database, registry: int, which: Window) -> list[Standing]:
    """Return a window of those whom levels on a registry were granted to, by name."""
    query = Grant.select(User.name, Grant.level).join(User, on=(User.id == Grant.user))
    return [Standing(*row) for row in window.rows(database, query.where(Grant.registry == registry), which, User.name)]


def organizations(database: Database, user: str) -> list[tuple[str, str]]:
    """Return the slugs of a user's organizations, with the roles."""
    query = Membership.select(Organization.slug, Membership.role).join(
        Organization, on=(Organization.id == Membership.organization)
    )
    return [(row[0], row[1]) for row in database.rows(query.where(Membership.user == user).order_by(Organization.slug))]


def granted(database: Database, registry: int) -> list[Standing]:
    """Return whom levels on a registry were granted to, by name."""
    query = Grant.select(User.name, Grant.level).join(User, on=(User.id == Grant.user))
    return [Standing(*row) for row in database.rows(query.where(Grant.registry == registry).order_by(User.name))]


def levels_page(database: Database, user: str, which: Window) -> list[tuple[str, str]]:
    """Return a window of the registries that levels were granted to a user on: paths, by which it is, and levels."""
    path = fn.COALESCE(Organization.slug.concat("/").concat(Registry.slug), "")
    query = (
        Grant.select(path, Grant.level)
        .join(Registry, on=(Registry.id == Grant.registry))
        .join(Organization, JOIN.LEFT_OUTER, on=(Organization.id == Registry.organization))
        .where(Grant.user == user)
    )
    return [(row[0], row[1]) for row in window.rows(database, query, which, path)]


def enrol(database: Database, organization: int, user: str, role: str) -> None:
    """Let a user have a role in an organization. Inside a transaction."""
    database.run(
        Membership.insert(user=user, organization=organization, role=role).on_conflict(
            conflict_target=[Membership.user, Membership.organization], preserve=[Membership.role]
        )
    )


def dismiss(database: Database, organization: int, user: str) -> bool:
    """Let a user no longer belong to an organization; say whether it did. Inside a transaction."""
    gone = Membership.delete().where(Membership.user == user, Membership.organization == organization)
    return database.run(gone) == 1


def grant(database: Database, registry: int, user: str, level: str) -> None:
    """Let a user have a level on a registry. Inside a transaction."""
    database.run(
        Grant.insert(user=user, registry=registry, level=level).on_conflict(
            conflict_target=[Grant.user, Grant.registry], preserve=[Grant.level]
        )
    )


def withdraw(database: Database, registry: int, user: str) -> bool:
    """Take a user's level on a registry away; say whether there was one. Inside a transaction."""
    return database.run(Grant.delete().where(Grant.user == user, Grant.registry == registry)) == 1
