"""Whether a token is genuine (RFC 7515, RFC 7519; RFC 8725 on what has gone wrong).

A key comes from the issuer's own set and from nowhere else: ``jwk``, ``jku``, ``x5u`` and ``x5c`` of a header are not
read. The algorithm is one that fits that key, whatever the token says.
"""

import time
from collections.abc import Callable, Container
from dataclasses import dataclass
from typing import Any

import jwt

from ocireg.auth.oidc.claims import audience_of, check_audience, check_times
from ocireg.auth.oidc.documents import decode
from ocireg.auth.oidc.errors import InvalidToken
from ocireg.auth.oidc.jwks import ALGORITHMS, MOST_KID
from ocireg.auth.oidc.keys import Keys
from ocireg.auth.policy.errors import shown

MOST_CHARACTERS = 16 * 1024
"""Characters of a token; those of the services that are known have 1,000 to 4,000."""
_jws = jwt.PyJWS()


@dataclass(frozen=True, slots=True)
class Peeked:
    """What a token says of itself. Nobody has looked at its signature."""

    iss: str
    aud: str


@dataclass(frozen=True, slots=True)
class _Parts:
    """Header and claims of a token, as they stand in it."""

    header: dict[str, Any]
    claims: dict[str, Any]


def peek(token: str) -> Peeked | None:
    """Return issuer and audience as a token claims them, to find the registry; None for what is no such token."""
    try:
        claims = _parts(token).claims
    except InvalidToken:
        return None
    iss, aud = claims.get("iss"), audience_of(claims)
    return Peeked(iss, aud) if isinstance(iss, str) and aud is not None else None


class Verifier:
    """Verifies tokens of the issuers that an instance allows. ``clock`` is in seconds since 1970, UTC."""

    def __init__(self, allowed: Container[str], keys: Keys, clock: Callable[[], float] = time.time) -> None:
        self._allowed = allowed
        self._keys = keys
        self._clock = clock

    def verify(self, token: str, audience: str, issuers: Container[str]) -> dict[str, Any]:
        """Return the claims of a token that an issuer made for ``audience``, and that is valid at this moment.

        ``issuers`` are those that may be meant, as of the registry's policy: no other is ever asked for its keys. What
        needs no key is looked at first, for the same reason. ``InvalidToken``; ``IssuerUnavailable`` if it may be
        valid, but its issuer does not answer.
        """
        parts = _parts(token)
        iss = parts.claims.get("iss")
        if not isinstance(iss, str) or iss not in self._allowed:
            raise InvalidToken(f"the issuer is not allowed here: iss is {shown(iss)}")
        if iss not in issuers:
            raise InvalidToken(f"no statement of the policy names the issuer: iss is {shown(iss)}")
        check_audience(parts.claims, audience)
        check_times(parts.claims, self._clock())
        self._check_signature(token, parts.header, iss)
        return parts.claims

    def _check_signature(self, token: str, header: dict[str, Any], iss: str) -> None:
        """Raise ``InvalidToken`` unless a key of the issuer signed the token."""
        algorithm, kid = header.get("alg"), header.get("kid")
        if not isinstance(algorithm, str) or algorithm not in ALGORITHMS:
            raise InvalidToken(f"the algorithm is not accepted: alg is {shown(algorithm)}")
        if "crit" in header or "b64" in header:
            raise InvalidToken("the header has extensions (crit), and none is understood here")
        if not isinstance(kid, str) or not 0 < len(kid) <= MOST_KID:
            raise InvalidToken("the token names no key (kid)")
        key = self._keys.find(iss, kid)
        if algorithm not in key.algorithms:
            raise InvalidToken(f"the algorithm {algorithm} does not fit the key that the token names")
        try:
            _jws.decode_complete(token, key.public, algorithms=[algorithm])
        except (jwt.PyJWTError, ValueError, TypeError):
            raise InvalidToken("the signature is not the issuer's") from None


def _parts(token: str) -> _Parts:
    """Take a token apart. ``InvalidToken`` for what is none."""
    if len(token) > MOST_CHARACTERS:
        raise InvalidToken(f"the token is longer than {MOST_CHARACTERS} characters")
    if not token.isascii() or token.count(".") != 2:
        raise InvalidToken("it is no token (JWT)")
    try:
        found = _jws.decode_complete(token, options={"verify_signature": False})
    except (jwt.PyJWTError, ValueError, TypeError):
        raise InvalidToken("it is no token (JWT)") from None
    try:
        return _Parts(found["header"], decode(found["payload"]))
    except ValueError as error:
        raise InvalidToken(f"the claims cannot be read: {error}") from None
