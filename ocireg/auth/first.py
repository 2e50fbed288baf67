"""What a start sees to: that there is a key, that somebody can log in, and that one key signs everywhere."""

import logging
from contextlib import suppress

from ocireg.auth import keys, secrets
from ocireg.auth.keys import fingerprint
from ocireg.auth.manage import Manager
from ocireg.auth.manage.errors import Conflict
from ocireg.auth.scopes import SCOPES
from ocireg.config import Settings
from ocireg.metadata import credentials, generation, users
from ocireg.metadata.audit import SYSTEM, Event, write
from ocireg.metadata.database import Database

ADMIN = "admin"
OPERATOR = "operator"
"""The identifier of the API token that the setting ``admin_token`` is."""

log = logging.getLogger(__name__)


def let_somebody_in(database: Database, settings: Settings, manager: Manager) -> str | None:
    """Make the user ``admin`` where there are no users; return the secret of its first token, to be shown once.

    The setting ``admin_token`` is that user's token instead, and nothing is shown; without it, what it was is revoked.
    """
    if settings.admin_token or not (settings.open or users.there_are_any(database)):
        with suppress(Conflict):
            manager.users.create(SYSTEM, ADMIN, admin=True)
            if not settings.admin_token:
                return manager.tokens.create(SYSTEM, ADMIN, scopes=SCOPES, description="first start").secret
    _set_operators_token(database, settings.admin_token)
    return None


def _set_operators_token(database: Database, secret: str) -> None:
    wanted = secrets.digest(secret) if secret else None
    found = credentials.api_token(database, token=OPERATOR)
    if wanted and (holder := credentials.api_token(database, digest=wanted)):
        if holder == found:
            return
        wanted = None  # somebody has that token already, so it is not to be made
    if wanted is None and found is None:
        return
    with database.transaction():
        credentials.remove_api_token(database, OPERATOR)
        if wanted:
            owner = users.by_name(database, ADMIN)
            assert owner is not None, "it was made above"
            credentials.add_api_token(
                database,
                owner.id,
                wanted,
                identifier=OPERATOR,
                description="OCIREG_ADMIN_TOKEN",
                scopes=" ".join(SCOPES),
            )
        action = "token.create" if wanted else "token.revoke"
        write(database, Event(action, SYSTEM, subject=OPERATOR, detail={"user": ADMIN}))
        generation.bump(database)


def announce_key(database: Database, settings: Settings) -> None:
    """Let other processes know which key signs here; say so where it is another one than before."""
    known = [fingerprint(one) for one in keys.load(settings)]
    if generation.read(database).signing_key == known[-1]:
        return
    with database.transaction():
        before = generation.announce_key(database, known[-1])
    if before and before not in known:
        log.warning(
            "tokens were signed with another key before (fingerprint %s, now %s): logins that used it end. If other "
            "processes serve this installation, give all of them the same OCIREG_SECRET_KEY",
            before,
            known[-1],
        )
