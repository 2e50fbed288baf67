"""Who sends a request: what its ``Authorization`` shows (RFC 7617, RFC 6750, distribution's token protocol)."""

from dataclasses import dataclass

from flask import g, request
from werkzeug.datastructures import Authorization

from ocireg.auth.actor import Actor, Kind
from ocireg.auth.gate import Gate
from ocireg.auth.login import Login, Refused
from ocireg.auth.signing import Access, Reference
from ocireg.config import Settings
from ocireg.metadata.audit import Author
from ocireg.web import client


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request. ``access`` is what an access token narrows it to, None where none was shown.

    ``by_basic``: the secret came with this very request, so that another one would be asked for in vain.
    ``reference`` is what the login is found by again, None of nobody.
    """

    actor: Actor
    address: str | None
    access: Access | None = None
    by_basic: bool = False
    reference: Reference | None = None

    @property
    def author(self) -> Author:
        """Who did it, for the audit log."""
        return Author(self.actor.name, self.actor.credential, self.address or "", client.agent(), self.actor.id)


def caller() -> Caller:
    """Return who sends the request under way, as ``identify`` found."""
    found: Caller = g.caller
    return found


def keep(found: Caller) -> Caller:
    """Keep who sends the request under way."""
    g.caller = found
    return found


def identify(gate: Gate, settings: Settings) -> Caller:
    """Find out who sends the request, and keep it for ``caller``. ``Refused`` where what is shown is not good."""
    return keep(_identify(gate, client.address(settings), request.authorization))


def identify_by_secret(gate: Gate, settings: Settings) -> Caller:
    """Find out who sends the request, and keep it for ``caller``, where no access tokens are taken but secrets.

    They come by Basic or as ``Authorization: Bearer SECRET``. ``Refused`` where what is shown is not good.
    """
    address, shown = client.address(settings), request.authorization
    if shown is not None and shown.type == "bearer" and gate.nobody.kind is not Kind.ANYBODY:
        found = gate.log_in("", shown.token or "", address, client.agent())
        return keep(_of_login(found, address))
    return keep(_identify(gate, address, shown))


def _of_login(found: Login, address: str | None) -> Caller:
    return Caller(found.actor, address, by_basic=True, reference=found.reference)


def _identify(gate: Gate, address: str | None, shown: Authorization | None) -> Caller:
    if gate.nobody.kind is Kind.ANYBODY:  # nothing is asked for, so nothing that comes can be wrong
        return Caller(gate.nobody, address)
    if shown is None:
        if "Authorization" in request.headers:
            raise Refused("Authorization cannot be read")
        return Caller(gate.nobody, address)
    if shown.type == "basic":
        name, secret = shown.username or "", shown.password or ""
        if not name and not secret:  # the conformance suite does so for nobody
            return Caller(gate.nobody, address)
        return _of_login(gate.log_in(name, secret, address, client.agent()), address)
    if shown.type == "bearer":
        found = gate.bearer(shown.token or "", address)
        return Caller(found.actor, address, found.access, reference=found.access.reference)
    raise Refused(f"there is no authentication by {shown.type[:20]!r}")
