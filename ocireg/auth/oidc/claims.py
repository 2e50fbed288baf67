"""What the registered claims of a token must be (RFC 7519 section 4.1)."""

from collections.abc import Mapping

from ocireg.auth.oidc.errors import InvalidToken
from ocireg.auth.policy.errors import shown

LONGEST_LIFE = 300
"""Seconds between ``iat`` and ``exp``."""
LEEWAY = 30
"""Seconds by which the clock of an issuer may be ahead of this one, in ``iat`` and ``nbf``; ``exp`` is given none."""
_LAST = 2.0**53
"""Beyond it a number is no time, and arithmetic no longer exact."""


def check_times(claims: Mapping[str, object], now: float) -> None:
    """Raise ``InvalidToken`` unless the token is of this moment. ``now`` is in seconds since 1970, UTC."""
    issued, expires = _time(claims, "iat"), _time(claims, "exp")
    if issued > now + LEEWAY:
        raise InvalidToken(f"the token is not issued yet: iat is {issued - now:.0f} s ahead")
    if expires <= now:
        raise InvalidToken(f"the token expired {now - expires:.0f} s ago")
    if expires - issued > LONGEST_LIFE:
        raise InvalidToken(f"the token lives too long: {expires - issued:.0f} s, {LONGEST_LIFE} s at most")
    if "nbf" in claims and (begins := _time(claims, "nbf")) > now + LEEWAY:
        raise InvalidToken(f"the token is not valid yet: nbf is {begins - now:.0f} s ahead")


def check_audience(claims: Mapping[str, object], audience: str) -> None:
    """Raise ``InvalidToken`` unless the token is for ``audience``, and for nobody else."""
    found = audience_of(claims)
    if found is None:
        raise InvalidToken("aud is not one text")
    if not audience or found != audience:
        raise InvalidToken(f"the token is for another audience: aud is {shown(found)}, wanted {shown(audience)}")


def audience_of(claims: Mapping[str, object]) -> str | None:
    """Return the audience of a token, None unless it has exactly one. A list of one is one."""
    found = claims.get("aud")
    if isinstance(found, list) and len(found) == 1:
        found = found[0]
    return found if isinstance(found, str) else None


def _time(claims: Mapping[str, object], name: str) -> float:
    value = claims.get(name)
    if value is None:
        raise InvalidToken(f"{name} is missing")
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _LAST:
        raise InvalidToken(f"{name} is not a time in seconds")
    return float(value)
