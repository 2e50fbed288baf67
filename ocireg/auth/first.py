"""What a start sees to: that there is a key, that somebody can log in, and that one key signs everywhere."""

import logging

from ocireg.auth import keys, secrets
from ocireg.auth.keys import fingerprint
from ocireg.auth.scopes import SCOPES
from ocireg.config import Settings
from ocireg.metadata import credentials, generation, users
from ocireg.metadata.audit import SYSTEM, Event, write
from ocireg.metadata.credentials import StoredApiToken
from ocireg.metadata.database import Database

ADMIN = "admin"
OPERATOR = "operator"
"""The identifier of the API token that the setting ``admin_token`` is."""

log = logging.getLogger(__name__)


def let_somebody_in(database: Database, settings: Settings) -> str | None:
    """Make the user ``admin`` where there are no users; return the secret of its first token, to be shown once.

    The setting ``admin_token`` is that user's token instead, and nothing is shown; without it, what it was is revoked.
    User and token are made in one transaction: a start that is cut off between them would let nobody in, ever.
    """
    secret = None
    if settings.admin_token or not (settings.open or users.there_are_any(database)):
        secret = None if settings.admin_token else secrets.new(secrets.API_TOKEN)
        with database.transaction():
            if users.by_name(database, ADMIN):
                secret = None
            else:
                _make_admin(database, secret)
    _set_operators_token(database, settings.admin_token)
    return secret


def _make_admin(database: Database, secret: str | None) -> None:
    owner = users.add(database, ADMIN, password=None, admin=True)
    write(database, Event("user.create", SYSTEM, subject=ADMIN, detail={"admin": True}))
    if secret:
        _add_token(database, owner, secret, "first start")
    generation.bump(database)


def _set_operators_token(database: Database, secret: str) -> None:
    """Let the operator's token be the one that is set, and no other. One that was made here stays what it is."""
    there = credentials.api_token(database, digest=secrets.digest(secret)) if secret else None
    found = credentials.api_token(database, token=OPERATOR)
    _warn_of_less(database, secret, there)
    if (there or not secret) and (found is None or there == found):
        return
    with database.transaction():
        if credentials.remove_api_token(database, OPERATOR):
            write(database, Event("token.revoke", SYSTEM, subject=OPERATOR, detail={"user": ADMIN}))
        if secret and there is None:
            owner = users.by_name(database, ADMIN)
            assert owner is not None, "it was made above"
            _add_token(database, owner.id, secret, "OCIREG_ADMIN_TOKEN", OPERATOR)
        generation.bump(database)


def _warn_of_less(database: Database, secret: str, there: StoredApiToken | None) -> None:
    """Say so where the token that is set lets nobody administer the instance."""
    owner = users.by_id(database, there.user) if there else users.by_name(database, ADMIN)
    everything = there is None or set(there.scopes.split()) == set(SCOPES)
    if secret and not (owner and owner.admin and everything):
        log.warning(
            "OCIREG_ADMIN_TOKEN is a token of the user %s that does not administer this instance: ocireg user admin, "
            "or another token",
            owner.name if owner else ADMIN,
        )


def _add_token(database: Database, owner: str, secret: str, description: str, identifier: str = "") -> None:
    new = credentials.add_api_token(
        database,
        owner,
        secrets.digest(secret),
        identifier=identifier,
        description=description,
        scopes=" ".join(SCOPES),
    )
    write(database, Event("token.create", SYSTEM, subject=new, detail={"user": ADMIN, "description": description}))


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
