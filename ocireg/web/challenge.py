"""What a client is told that must log in (RFC 6750 section 3, and distribution's docs/spec/auth/token.md)."""

from ocireg.config import Settings
from ocireg.errors import UNAUTHORIZED, RegistryError
from ocireg.web import client

SERVICE = "ocireg"
INVALID, INSUFFICIENT = "invalid_token", "insufficient_scope"


def challenge(settings: Settings, scope: str = "", error: str = "", message: str = "") -> RegistryError:
    """Return UNAUTHORIZED with the challenge: where tokens are, for what, and what was wrong with the one shown.

    ``scope`` is made of checked names, ``error`` of the two above: nothing in it is the client's own text.
    """
    said = {"realm": f"{client.base_url(settings)}/token", "service": SERVICE, "scope": scope, "error": error}
    header = "Bearer " + ",".join(f'{name}="{value}"' for name, value in said.items() if value)
    return RegistryError(UNAUTHORIZED, message, headers={"WWW-Authenticate": header})
