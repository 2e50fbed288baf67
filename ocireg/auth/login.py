"""From a user name and a secret to an actor.

The secret alone says what it is: a secret of ours by its hash, a JWT by its form. Only where it is neither do name and
secret make a user's password. No registry is named: clients strip paths from the host that they log in to.
"""

import hashlib
import hmac
import secrets as random
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from ocireg.auth import identities, passwords, secrets
from ocireg.auth.actor import Actor
from ocireg.auth.roster import View
from ocireg.auth.signing import Reference
from ocireg.errors import RegistryError
from ocireg.metadata import credentials, users
from ocireg.metadata.credentials import StoredApiToken, StoredRegistryToken
from ocireg.metadata.database import Database

LONGEST = 16 * 1024
"""Characters of a secret: some issuers' JWTs are long."""
TOUCH_EVERY = 300.0
"""Seconds: how exact the last use of a token is known."""

_PEPPER = random.token_bytes(32)
"""What this process remembers good passwords under, so that its memory holds nothing that is fast to guess from."""

Exchange = Callable[[View, str], Reference]
"""From a JWT to a reference. ``Refused``."""


class Refused(Exception):  # noqa: N818 - an answer, not a failure of ours
    """The credential is not good. The reason is for the log and the audit, not for whoever shows it."""


@dataclass(frozen=True, slots=True)
class Login:
    """Somebody who has shown a credential, and what they are found by again."""

    actor: Actor
    reference: Reference


def log_in(view: View, exchange: Exchange, name: str, secret: str, address: str | None) -> Login:
    """Return who this is. ``Refused``; TOOMANYREQUESTS when too many passwords are being compared."""
    if not secret or len(secret) > LONGEST:
        raise Refused("no secret, or one that is too long")
    if secret.startswith(secrets.TEMPORARY_TOKEN):
        reference = view.signer.read_temporary(secret.removeprefix(secrets.TEMPORARY_TOKEN))
        if reference is None:
            raise Refused("the temporary token is not good, or has expired")
    else:
        reference = _by_hash(view, secret) or _by_form(view, exchange, name, secret)
    login = resume(view, reference, address)
    _note_use(view, reference)
    return login


def is_jwt(secret: str) -> bool:
    """Say whether a secret has the form of a JWT (RFC 7515 section 7.1); no password that has is ever compared."""
    return secret.startswith("eyJ") and secret.count(".") == 2


def cannot_be_guessed(secret: str) -> bool:
    """Say whether trying secrets of this form is in vain: ours are random, and JWTs are signed."""
    return secret.startswith(secrets.API_TOKEN) or is_jwt(secret)


def resume(view: View, reference: Reference, address: str | None) -> Login:
    """Return who a reference is. ``Refused`` where its credential is gone, or is not good now, or not from there."""
    actor = identities.resolve(view, reference)
    if actor is None:
        raise Refused("the credential is gone")
    if fault := actor.fault(address):
        raise Refused(f"{actor.credential} {fault}")
    return Login(actor, reference)


def _by_hash(view: View, secret: str) -> Reference | None:
    """Look the secret up among those we made. That it is none is not remembered: there is no end of those."""
    digest = secrets.digest(secret)

    def find() -> Reference | None:
        if token := credentials.api_token(view.database, digest=digest):
            return identities.of_api_token(token.id)
        if other := credentials.registry_token(view.database, digest=digest):
            return identities.of_registry_token(other.id)
        return None

    return view.remembered(("secret", digest), find, absence=False)


_USES: dict[str, tuple[Callable[..., StoredApiToken | StoredRegistryToken | None], Callable[[Database, str], None]]] = {
    "api": (credentials.api_token, credentials.touch_api_token),
    "registry": (credentials.registry_token, credentials.touch_registry_token),
}


def _note_use(view: View, reference: Reference) -> None:
    """Note the use of a token now and then. A login does not fail for that."""
    if reference[0] not in _USES:
        return
    find, touch = _USES[reference[0]]

    def note() -> bool:
        token = find(view.database, token=reference[1])
        if token and (token.last_used_at is None or token.last_used_at < time.time() - TOUCH_EVERY):
            with suppress(RegistryError), view.database.transaction(durable=False):
                touch(view.database, token.id)
        return True

    view.remembered(("used", reference, int(time.monotonic() / TOUCH_EVERY)), note)


def _by_form(view: View, exchange: Exchange, name: str, secret: str) -> Reference:
    if secret.startswith(secrets.API_TOKEN):
        raise Refused("there is no such token")
    if is_jwt(secret):
        return exchange(view, secret)
    if not name:  # nobody's: to compare a password would be work for nothing
        raise Refused("there is no such secret, and no user name")
    return _by_password(view, name, secret)


def _by_password(view: View, name: str, password: str) -> Reference:
    """Compare a password. One that fits is remembered while access does not change; one that does not never is."""
    mark = hmac.digest(_PEPPER, f"{name}\0{password}".encode("utf-8", "surrogatepass"), hashlib.sha256)

    def find() -> Reference | None:
        found = users.by_name(view.database, name)
        fits = passwords.fits(password, found.password if found else None)
        return identities.of_password(found) if found and fits else None

    reference = view.remembered(("password", mark), find, absence=False)
    if reference is None:
        raise Refused("the name or the password is wrong")
    return reference
