"""Who sends a request: what its ``Authorization`` shows (RFC 7617, RFC 6750, distribution's token protocol)."""

from dataclasses import dataclass

from flask import g, request
from werkzeug.datastructures import Authorization

from ocireg.auth.actor import Actor, Kind
from ocireg.auth.gate import Gate
from ocireg.auth.login import Refused
from ocireg.auth.signing import Access, Reference
from ocireg.config import Settings
from ocireg.metadata.audit import Author
from ocireg.web import client


@dataclass(frozen=True, slots=True)
class Caller:
    """Who sends a request. ``access`` is what an access token narrows it to, None where none was shown.

    ``reference`` is what the login is found by again, None of nobody.
    ``by_basic``: the secret came with this very request, so that another one would be asked for in vain.
    """

    actor: Actor
    address: str | None
    access: Access | None = None
    reference: Reference | None = None
    by_basic: bool = False

    @property
    def author(self) -> Author:
        """Who did it, for the audit log."""
        return Author(self.actor.name, self.actor.credential, self.address or "", client.agent(), self.actor.id)


def caller() -> Caller:
    """Return who sends the request under way, as ``identify`` found."""
    found: Caller = g.caller
    return found


def identify(gate: Gate, settings: Settings) -> Caller:
    """Find out who sends the request, and keep it for ``caller``. ``Refused`` where what is shown is not good."""
    g.caller = _identify(gate, client.address(settings), request.authorization)
    return caller()


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
        login = gate.log_in(name, secret, address, client.agent())
        return Caller(login.actor, address, reference=login.reference, by_basic=True)
    if shown.type == "bearer":
        found = gate.bearer(shown.token or "", address)
        return Caller(found.actor, address, found.access, found.access.reference)
    raise Refused(f"there is no authentication by {shown.type[:20]!r}")
