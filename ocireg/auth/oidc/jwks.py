"""Public keys from a JSON Web Key Set (RFC 7517, RFC 7518 section 6, RFC 8037).

Keys for signatures alone, of kinds that are trusted: RSA from 2,048 bits, EC on P-256 and P-384, Ed25519. Everything
else in a set is passed over, symmetric keys first of all: whoever reads the set could sign with them.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm
from jwt.exceptions import PyJWTError

MOST_KEYS = 64
"""Keys of one issuer that are read; further ones are passed over."""
MOST_KID = 256
"""Characters of the name of a key."""
_RSA_BITS = range(2048, 8193)
_LONGEST = 2048
"""Characters of a part of a key: 8,192 bits have 1,366."""
_RSA = frozenset({"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"})
_CURVES = {"P-256": frozenset({"ES256"}), "P-384": frozenset({"ES384"})}
_EDDSA = frozenset({"EdDSA"})
ALGORITHMS = _RSA | _EDDSA | frozenset().union(*_CURVES.values())
"""What a token may be signed with (RFC 7518 section 3.1, RFC 8037)."""

Public = RSAPublicKey | EllipticCurvePublicKey | Ed25519PublicKey


@dataclass(frozen=True, slots=True)
class Key:
    """A public key, and the algorithms that fit it."""

    kid: str
    algorithms: frozenset[str]
    public: Public = field(repr=False)


def keys_of(document: Mapping[str, Any]) -> dict[str, Key]:
    """Return the keys of a set that can be used, by their ``kid``; of two with one name, the first.

    ``ValueError`` for what is no set, or has no such key.
    """
    listed = document.get("keys")
    if not isinstance(listed, list):
        raise ValueError("it is not a set of keys")  # noqa: TRY004 - of the document, not of a type
    found: dict[str, Key] = {}
    for one in listed[:MOST_KEYS]:
        key = _key(one) if isinstance(one, dict) else None
        if key is not None:
            found.setdefault(key.kid, key)
    if not found:
        raise ValueError("it has no key that can be used")
    return found


def _key(jwk: dict[str, Any]) -> Key | None:
    """Return one key, None if it is not to be used."""
    kid, operations = jwk.get("kid"), jwk.get("key_ops", ["verify"])
    if not isinstance(kid, str) or not 0 < len(kid) <= MOST_KID or jwk.get("use", "sig") != "sig":
        return None
    if not isinstance(operations, list) or "verify" not in operations or "d" in jwk:  # private, or not for this
        return None
    if any(isinstance(part, str) and len(part) > _LONGEST for part in jwk.values()):
        return None
    try:
        public, algorithms = _public(jwk)
    except (PyJWTError, UnsupportedAlgorithm, ValueError, TypeError, KeyError, OverflowError):
        return None
    if "alg" in jwk:
        algorithms &= {jwk["alg"]} if isinstance(jwk["alg"], str) else set()
    return Key(kid, algorithms, public) if algorithms else None


def _public(jwk: dict[str, Any]) -> tuple[Public, frozenset[str]]:
    """Return a key, and what fits it. ``ValueError`` and others for what is none, or not trusted."""
    match jwk.get("kty"), jwk.get("crv"):
        case "RSA", _:
            rsa = RSAAlgorithm.from_jwk(jwk)
            if isinstance(rsa, RSAPublicKey) and rsa.key_size in _RSA_BITS:
                return rsa, _RSA
        case "EC", str(curve) if curve in _CURVES:
            ec = ECAlgorithm.from_jwk(jwk)
            if isinstance(ec, EllipticCurvePublicKey):
                return ec, _CURVES[curve]
        case "OKP", "Ed25519":
            ed = OKPAlgorithm.from_jwk(jwk)
            if isinstance(ed, Ed25519PublicKey):
                return ed, _EDDSA
    raise ValueError("a key of another kind")
