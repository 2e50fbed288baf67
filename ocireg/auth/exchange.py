"""From a JWT of an outside issuer to a reference."""

from collections.abc import Container

from ocireg.auth.login import Exchange, Refused
from ocireg.auth.roster import View
from ocireg.auth.signing import Reference
from ocireg.config import Settings


def oidc(settings: Settings) -> tuple[Container[str], Exchange]:
    """Return the issuers that policies may name, and what takes a JWT."""

    def exchange(_view: View, _token: str) -> Reference:
        raise Refused("no")

    return (), exchange
