"""The caller's own account, as the API and the pages have it."""

from ocireg.auth.actor import Kind
from ocireg.auth.manage.errors import Unknown
from ocireg.metadata import credentials, sessions
from ocireg.metadata.credentials import StoredApiToken
from ocireg.metadata.sessions import StoredSession
from ocireg.metadata.users import StoredUser
from ocireg.web.asked import Asked
from ocireg.web.problems import Problem


def own(asked: Asked) -> StoredUser:
    """Return the user who asks; 403 where it is none."""
    actor = asked.caller.actor
    if actor.kind is not Kind.USER:
        raise Problem(403, f"{actor.name} is no user, and has no account")
    return asked.manager.users.get(actor.name)


def own_token(asked: Asked, token: str) -> StoredApiToken:
    """Return an API token of the user who asks. ``Unknown``."""
    found = credentials.api_token(asked.context.database, token=token)
    if found is None or found.user != own(asked).id:
        raise Unknown("token", f"you have no API token {token!r}")
    return found


def own_session(asked: Asked) -> StoredSession | None:
    """Return the login session that the request came by, None where it came by none."""
    reference = asked.caller.reference
    if reference is None or reference[0] != "session":
        return None
    return sessions.find(asked.context.database, reference[1])
