"""Registries, who has a level on them, and their OIDC policies."""

from collections.abc import Container, Iterator

from ocireg.auth.manage import values
from ocireg.auth.manage.changes import Changes, Record
from ocireg.auth.manage.errors import Conflict, Invalid, Unknown
from ocireg.auth.manage.organizations import Organizations
from ocireg.auth.manage.users import Users
from ocireg.auth.policy import PolicyError, parse
from ocireg.errors import RegistryError
from ocireg.metadata import immutable_rules, inventory, memberships, quotas, registries, repositories
from ocireg.metadata.audit import Author
from ocireg.metadata.inventory import CountedRepository
from ocireg.metadata.memberships import Standing
from ocireg.metadata.pages import pages
from ocireg.metadata.registries import StoredRegistry
from ocireg.oci.errors import InvalidName
from ocireg.oci.reference import parse_repository

ROOT = values.ROOT

NAMED = 20
"""Repositories that a refusal names."""
AT_ONCE = 20
"""Repositories that are deleted in one transaction."""

_CHANGEABLE = {
    "name": lambda text: values.text(text, "name"),
    "description": lambda text: values.optional_text(text, "description"),
    "emoji": values.emoji,
    "colour": values.colour,
    "visibility": values.visibility,
}


class Registries:
    """The use-cases of registries. A path is ``organization/registry``, or ``root``."""

    def __init__(
        self, changes: Changes, users: Users, organizations: Organizations, issuers: Container[str], *, grace: float
    ) -> None:
        self._changes = changes
        self._database = changes.database
        self._users = users
        self._organizations = organizations
        self._issuers = issuers
        self._grace = grace

    def every(self, organization: str = "") -> list[StoredRegistry]:
        """Return the registries, the root first; or those of one organization. ``Unknown``."""
        if not organization:
            return registries.page(self._database)
        return registries.page(self._database, organization=self._organizations.get(organization).id)

    def get(self, path: str) -> StoredRegistry:
        """Return a registry. ``Unknown``."""
        if path == ROOT:
            return registries.root(self._database)
        organization, _, slug = path.partition("/")
        found = registries.by_slugs(self._database, organization, slug)
        if found is None:
            raise Unknown("registry", f"there is no registry {path!r}: it is ORGANIZATION/REGISTRY, or {ROOT}")
        return found

    def create(self, by: Author, path: str, **texts: str) -> StoredRegistry:
        """Make a registry of an organization; private, where nothing is said. ``Conflict``, ``Invalid``, ``Unknown``.

        ``texts``: name, description, emoji, colour, visibility.
        """
        organization, _, slug = path.partition("/")
        if not organization or not slug or "/" in slug:
            raise Invalid("registry", f"a registry is named ORGANIZATION/REGISTRY, not {path!r}")
        values.slug(slug, "registry")
        kept = self._checked({"name": slug, "visibility": "private", **texts})
        with self._changes.by(by) as record:
            owner = self._organizations.get(organization)
            if registries.by_slugs(self._database, organization, slug):
                raise Conflict("registry", f"there is a registry {path!r} already")
            registries.add(self._database, owner.id, slug, **kept)
            record("registry.create", organization=organization, registry=path, detail=dict(kept))
        return self.get(path)

    def create_on_push(self, by: Author, organization: str, slug: str) -> None:
        """Make a registry that a push names, unless somebody has made it meanwhile. ``Invalid``, ``Unknown``."""
        try:
            self.create(by, f"{organization}/{slug}")
        except Conflict:
            self._changes.forget()

    def change(self, by: Author, path: str, **texts: str) -> StoredRegistry:
        """Change name, description, emoji, colour or visibility. ``Invalid``, ``Unknown``."""
        kept = self._checked(texts)
        if kept:
            with self._changes.by(by) as record:
                found = self.get(path)
                registries.change(self._database, found.id, **kept)
                record("registry.change", registry=path, organization=_owner(found), detail=dict(kept))
        return self.get(path)

    def delete(self, by: Author, path: str, *, contents: bool = False) -> int:
        """Delete a registry, with all its repositories if ``contents``; return how many. ``Conflict``, ``Unknown``.

        The bytes go after the grace period. Repositories go some at a time: what is cut off is gone on with by the
        next call. One that has images and rules for immutable tags is a ``Conflict``, too: nothing goes before the
        rules have gone.
        """
        if path == ROOT:
            raise Invalid("registry", "the root registry cannot be deleted: OCIREG_ROOT_REGISTRY=false switches it off")
        count = 0
        while True:
            with self._changes.by(by) as record:
                found = self.get(path)
                held = registries.repositories_of(self._database, found.id, AT_ONCE)
                if held and not contents:
                    named = ", ".join(held[:NAMED])
                    raise Conflict("registry", f"{path} is not empty: it has {named}", tuple(held[:NAMED]))
                if held and immutable_rules.has_any(self._database, found.id):
                    raise Conflict("registry", f"{path} has rules for immutable tags: remove these first")
                for name in held:
                    self._purge(record, name, found)
                count += len(held)
                if len(held) < AT_ONCE:
                    registries.remove(self._database, found.id)
                    record("registry.delete", registry=path, organization=_owner(found))
                    return count

    def repositories(self, path: str = "") -> Iterator[list[CountedRepository]]:
        """Yield pages of the repositories, by name; or of those of one registry. ``Unknown``."""
        registry = self.get(path).id if path else None

        def page(after: str) -> list[CountedRepository]:
            return inventory.page(self._database, after, AT_ONCE, registry)

        return pages(page, lambda one: one.name)

    def require_repository(self, name: str) -> None:
        """Raise ``Unknown`` where there is no repository of that name."""
        if not repositories.exists(self._database, name):
            raise Unknown("repository", f"there is no repository {name!r}")

    def delete_repository(self, by: Author, name: str) -> None:
        """Delete a repository with all that is in it; the bytes go after the grace period. ``Unknown``.

        ``Immutable`` where it has an immutable tag.
        """
        with self._changes.by(by) as record:
            self._purge(record, name, self._registry_of(name))

    def move_repository(self, by: Author, name: str, to: str) -> None:
        """Give a repository another name, and so perhaps another registry. ``Conflict``, ``Invalid``, ``Unknown``.

        ``Immutable`` where it has an immutable tag.
        """
        try:
            parse_repository(to)
        except InvalidName as error:
            raise Invalid("to", str(error)) from None
        with self._changes.by(by) as record:
            self.require_repository(name)
            new, old = self._registry_of(to), self._registry_of(name)
            if new is None:
                raise Invalid("to", _unclaimed(to))
            if repositories.exists(self._database, to):
                raise Conflict("to", f"there is a repository {to} already")
            before = quotas.of_registry(self._database, new.id)
            if not repositories.move(self._database, name, to, new.id):
                raise Unknown("repository", f"there is no repository {name!r}")
            try:
                quotas.require(before, quotas.of_registry(self._database, new.id))
            except RegistryError as error:
                raise Conflict("to", error.message) from None
            told = old if old and old.organization else new  # who has an organization wants to know
            record("repository.move", repository=name, subject=to, **_where(told))

    def grants(self, path: str) -> list[Standing]:
        """Return whom levels were granted to, by name. ``Unknown``."""
        return memberships.granted(self._database, self.get(path).id)

    def grant(self, by: Author, path: str, user: str, level: str) -> None:
        """Let a user have a level: ``read``, ``write`` or ``admin``. ``Invalid``, ``Unknown``."""
        values.level(level)
        with self._changes.by(by) as record:
            found, who = self.get(path), self._users.get(user)
            memberships.grant(self._database, found.id, who.id, level)
            record("grant.set", registry=path, organization=_owner(found), subject=user, detail={"level": level})

    def withdraw(self, by: Author, path: str, user: str) -> None:
        """Take a user's level away. ``Unknown``."""
        with self._changes.by(by) as record:
            found, who = self.get(path), self._users.get(user)
            if not memberships.withdraw(self._database, found.id, who.id):
                raise Unknown("user", f"{user} was granted nothing on {path}")
            record("grant.remove", registry=path, organization=_owner(found), subject=user)

    def set_policy(self, by: Author, path: str, text: str) -> None:
        """Replace the OIDC policy, "" for none; every login by the former one ends. ``Invalid``, ``Unknown``.

        It is ``Unknown``, too, where one is taken away that is not there.
        """
        if text.strip():
            try:
                parse(text, self._issuers)
            except PolicyError as error:
                raise Invalid("policy", str(error)) from None
        with self._changes.by(by) as record:
            found = self.get(path)
            if not text.strip() and not found.policy:
                raise Unknown("policy", f"{path} has no policy")
            registries.set_policy(self._database, found.id, text if text.strip() else "")
            record("policy.change", registry=path, organization=_owner(found), detail={"removed": not text.strip()})

    def _purge(self, record: Record, name: str, registry: StoredRegistry | None) -> None:
        if not repositories.purge(self._database, name, grace=self._grace):
            raise Unknown("repository", f"there is no repository {name!r}")
        record("repository.delete", repository=name, **(_where(registry) if registry else {}))

    def _registry_of(self, name: str) -> StoredRegistry | None:
        """Return the registry that a repository of that name belongs to, if there is one."""
        found = repositories.registry_for(self._database, name)
        return None if found is None else registries.by_id(self._database, found)

    @staticmethod
    def _checked(texts: dict[str, str]) -> dict[str, str]:
        for field in texts:
            if field not in _CHANGEABLE:
                raise Invalid(field, f"{field} cannot be changed")
        return {field: _CHANGEABLE[field](text) for field, text in texts.items()}


def _unclaimed(name: str) -> str:
    """Return why no registry takes a name that an organization claims."""
    slug, *rest = name.split("/")
    named = f"images of {slug} are named {slug}/REGISTRY/IMAGE"
    return f"{slug} has no registry {rest[0]}, make it first: {named}" if len(rest) > 1 else named


def _where(registry: StoredRegistry) -> dict[str, str | None]:
    return {"registry": registry.path or ROOT, "organization": _owner(registry)}


def _owner(registry: StoredRegistry) -> str | None:
    return registry.organization_slug or None
