"""Organizations and their members."""

from functools import partial
from itertools import chain

from ocireg.auth.manage import values
from ocireg.auth.manage.changes import Changes
from ocireg.auth.manage.errors import Conflict, Unknown
from ocireg.auth.manage.users import Users
from ocireg.metadata import memberships, organizations, registries
from ocireg.metadata.audit import Author
from ocireg.metadata.memberships import Standing
from ocireg.metadata.organizations import StoredOrganization
from ocireg.metadata.pages import pages

NAMED = 20
"""Repositories that a refusal names."""


class Organizations:
    """The use-cases of organizations."""

    def __init__(self, changes: Changes, users: Users) -> None:
        self._changes = changes
        self._database = changes.database
        self._users = users

    def every(self) -> list[StoredOrganization]:
        """Return the organizations, by slug."""
        return list(chain.from_iterable(pages(partial(organizations.page, self._database), lambda one: one.slug)))

    def get(self, slug: str) -> StoredOrganization:
        """Return an organization. ``Unknown``."""
        found = organizations.by_slug(self._database, slug)
        if found is None:
            raise Unknown("organization", f"there is no organization {slug!r}")
        return found

    def create(self, by: Author, slug: str, name: str = "", *, admin: str = "") -> StoredOrganization:
        """Make an organization, with its first admin if one is named. ``Conflict``, ``Invalid``, ``Unknown``.

        A name under which the root registry holds repositories is refused: they would change hands.
        """
        values.organization(slug)
        shown = values.optional_text(name, "name") or slug
        with self._changes.by(by) as record:
            first = self._users.get(admin) if admin else None
            if organizations.by_slug(self._database, slug):
                raise Conflict("organization", f"there is an organization {slug!r} already")
            held = tuple(organizations.claimed_by_root(self._database, slug, NAMED))
            if held:
                raise Conflict(
                    "organization",
                    f"the root registry holds {', '.join(held)}: an organization {slug!r} would claim them; move them "
                    "(ocireg repository move) or delete them first",
                    held,
                )
            new = organizations.add(self._database, slug, shown)
            record("organization.create", organization=slug)
            if first:
                memberships.enrol(self._database, new, first.id, "admin")
                record("member.add", organization=slug, subject=first.name, detail={"role": "admin"})
        return self.get(slug)

    def rename(self, by: Author, slug: str, name: str) -> None:
        """Replace the name that people see. ``Invalid``, ``Unknown``."""
        shown = values.text(name, "name")
        with self._changes.by(by) as record:
            found = self.get(slug)
            organizations.rename(self._database, found.id, shown)
            record("organization.change", organization=slug, detail={"name": shown})

    def delete(self, by: Author, slug: str) -> None:
        """Delete an organization that has no registries any more. ``Conflict``, ``Unknown``."""
        with self._changes.by(by) as record:
            found = self.get(slug)
            held = tuple(one.path for one in registries.page(self._database, organization=found.id))
            if held:
                raise Conflict("organization", f"{slug} has registries: {', '.join(held)}; delete them first", held)
            organizations.remove(self._database, found.id)
            record("organization.delete", organization=slug)

    def members(self, slug: str) -> list[Standing]:
        """Return the members, by name. ``Unknown``."""
        return memberships.members(self._database, self.get(slug).id)

    def require_member(self, slug: str, user: str) -> None:
        """Raise ``Unknown`` where a user does not belong to it."""
        if self.get(slug).id not in memberships.roles(self._database, self._users.get(user).id):
            raise Unknown("user", f"{user} does not belong to {slug}")

    def enrol(self, by: Author, slug: str, user: str, role: str) -> None:
        """Let a user have a role: ``member`` or ``admin``. ``Invalid``, ``Unknown``."""
        values.role(role)
        with self._changes.by(by) as record:
            found, who = self.get(slug), self._users.get(user)
            action = "member.change" if found.id in memberships.roles(self._database, who.id) else "member.add"
            memberships.enrol(self._database, found.id, who.id, role)
            record(action, organization=slug, subject=user, detail={"role": role})

    def dismiss(self, by: Author, slug: str, user: str) -> None:
        """Let a user no longer belong to it. ``Unknown``."""
        with self._changes.by(by) as record:
            found, who = self.get(slug), self._users.get(user)
            if not memberships.dismiss(self._database, found.id, who.id):
                raise Unknown("user", f"{user} does not belong to {slug}")
            record("member.remove", organization=slug, subject=user)
