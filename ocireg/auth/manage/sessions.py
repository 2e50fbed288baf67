"""Login sessions of the pages: what a browser has is a random number, and here is its hash with whose login it is."""

import time
from contextlib import suppress
from secrets import token_urlsafe

from ocireg.auth.actor import Kind
from ocireg.auth.login import Login
from ocireg.auth.manage.changes import Changes
from ocireg.auth.manage.errors import Invalid, Unknown
from ocireg.auth.manage.users import Users
from ocireg.auth.secrets import digest
from ocireg.metadata import sessions, users
from ocireg.metadata.audit import Author
from ocireg.metadata.sessions import StoredSession


class Sessions:
    """The use-case. A session ends by itself when what was shown for it does: a password changed, a token revoked."""

    def __init__(self, changes: Changes, users: Users) -> None:
        self._changes = changes
        self._database = changes.database
        self._users = users

    def begin(self, login: Login, *, address: str, agent: str, seconds: float) -> str:
        """Let a session of a user begin, and return what finds it again. ``Invalid`` of what is less than a user.

        It lives for ``seconds``, and no longer than what the user has signed in with.
        """
        if login.actor.kind is not Kind.USER or login.actor.bound_to is not None:
            raise Invalid("secret", "pages want a user's password or an API token: this is for one registry")
        if login.actor.expires_at is not None:
            seconds = min(seconds, login.actor.expires_at - time.time())
        secret = token_urlsafe(32)
        user = self._users.get(login.actor.name).id
        with self._database.transaction():
            sessions.add(
                self._database, digest(secret), user, login.reference, address=address, agent=agent, seconds=seconds
            )
        return secret

    def of_user(self, name: str) -> list[StoredSession]:
        """Return the sessions of a user, the newest first. ``Unknown``."""
        return sessions.of_user(self._database, self._users.get(name).id)

    def end(self, by: Author, name: str, session: str) -> None:
        """Let a session of a user end: within two seconds everywhere. ``Unknown``."""
        with self._changes.by(by) as record:
            found = sessions.find(self._database, session)
            if found is None or found.user != self._users.get(name).id:
                raise Unknown("session", f"{name} has no such session")
            sessions.remove(self._database, session)
            record("session.end", subject=name)

    def sign_out(self, by: Author, session: str) -> None:
        """Let the session end of whoever holds its secret, whether it lets them in now or not; one that is over is."""
        found = sessions.find(self._database, session)
        owner = users.by_id(self._database, found.user) if found else None
        if owner is not None:
            with suppress(Unknown):  # it has been ended meanwhile
                self.end(by, owner.name, session)
