"""Users."""

from functools import partial
from itertools import chain

from ocireg.auth import identities, passwords
from ocireg.auth.manage import values
from ocireg.auth.manage.changes import Changes
from ocireg.auth.manage.errors import Conflict, Unknown
from ocireg.metadata import memberships, sessions, users
from ocireg.metadata.audit import Author
from ocireg.metadata.pages import pages
from ocireg.metadata.users import StoredUser


class Users:
    """The use-cases of users."""

    def __init__(self, changes: Changes) -> None:
        self._changes = changes
        self._database = changes.database

    def every(self) -> list[StoredUser]:
        """Return the users, by name."""
        return list(chain.from_iterable(pages(partial(users.page, self._database), lambda one: one.name)))

    def get(self, name: str) -> StoredUser:
        """Return a user. ``Unknown``."""
        found = users.by_name(self._database, name)
        if found is None:
            raise Unknown("user", f"there is no user {name!r}")
        return found

    def organizations(self, name: str) -> list[tuple[str, str]]:
        """Return the organizations of a user, with the roles. ``Unknown``."""
        return memberships.organizations(self._database, self.get(name).id)

    def create(self, by: Author, name: str, *, password: str | None = None, admin: bool = False) -> StoredUser:
        """Make a user; ``admin`` of the whole instance. ``Conflict``, ``Invalid``."""
        values.user(name)
        kept = passwords.hashed(values.password(password)) if password is not None else None
        with self._changes.by(by) as record:
            if users.by_name(self._database, name):
                raise Conflict("user", f"there is a user {name!r} already")
            users.add(self._database, name, password=kept, admin=admin)
            record("user.create", subject=name, detail={"admin": admin})
        return self.get(name)

    def set_password(self, by: Author, name: str, password: str | None) -> None:
        """Replace the password, or take it away; every login by the former one ends. ``Invalid``, ``Unknown``."""
        kept = passwords.hashed(values.password(password)) if password is not None else None
        with self._changes.by(by) as record:
            found = self.get(name)
            users.set_password(self._database, found.id, kept)
            sessions.remove_by(self._database, found.id, identities.of_password(found))
            record("user.change", subject=name, detail={"password": "removed" if kept is None else "changed"})

    def set_admin(self, by: Author, name: str, *, admin: bool) -> None:
        """Say whether a user administers the instance. ``Conflict`` for the last one who does; ``Unknown``."""
        with self._changes.by(by) as record:
            found = self.get(name)
            if not admin:
                self._require_another_admin(found)
            users.set_admin(self._database, found.id, admin=admin)
            record("user.change", subject=name, detail={"admin": admin})

    def delete(self, by: Author, name: str) -> None:
        """Delete a user, with tokens, grants and memberships. ``Conflict`` for the last admin; ``Unknown``."""
        with self._changes.by(by) as record:
            found = self.get(name)
            self._require_another_admin(found)
            users.remove(self._database, found.id)
            record("user.delete", subject=name)

    def _require_another_admin(self, found: StoredUser) -> None:
        if users.admins(self._database) == [found.id]:
            raise Conflict("user", f"{found.name} is the only one who administers this instance: name another first")
