"""Which keys of a set are used."""

import base64
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed448, rsa
from hypothesis import given, settings
from hypothesis import strategies as st
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from ocireg.auth.oidc.jwks import MOST_KEYS, MOST_KID, keys_of
from tests.auth.oidc.issuer import private_key, public_jwk

RSA = public_jwk(private_key("RS256"), "k")
EC = public_jwk(private_key("ES256"), "k")
ED = public_jwk(private_key("EdDSA"), "k")
ALL_RSA = {"RS256", "RS384", "RS512", "PS256", "PS384", "PS512"}


def without(jwk: dict[str, Any], *names: str) -> dict[str, Any]:
    """Return a key without some members."""
    return {name: value for name, value in jwk.items() if name not in names}


@pytest.mark.parametrize(
    ("jwk", "algorithms"),
    [
        (RSA, ALL_RSA),
        (without(RSA, "use"), ALL_RSA),
        (RSA | {"alg": "RS256"}, {"RS256"}),
        (RSA | {"alg": "PS512"}, {"PS512"}),
        (RSA | {"key_ops": ["verify"]}, ALL_RSA),
        (RSA | {"x5t": "x", "x5c": ["x"], "something": {"else": 1}}, ALL_RSA),
        (EC, {"ES256"}),
        (public_jwk(private_key("ES384"), "k"), {"ES384"}),
        (ED, {"EdDSA"}),
        (RSA | {"kid": "x" * MOST_KID}, ALL_RSA),
    ],
)
def test_a_key_is_used_with_the_algorithms_that_fit_it(jwk: dict[str, Any], algorithms: set[str]) -> None:
    (key,) = keys_of({"keys": [jwk]}).values()
    assert key.kid == jwk["kid"]
    assert key.algorithms == algorithms


def weak(bits: int) -> dict[str, Any]:
    """Return an RSA key of so many bits."""
    key = rsa.generate_private_key(65537, bits)
    return RSAAlgorithm.to_jwk(key.public_key(), as_dict=True) | {"kid": "k", "key_ops": ["verify"]}


def number(value: int) -> str:
    """Return a number as keys hold it."""
    return base64.urlsafe_b64encode(value.to_bytes((value.bit_length() + 7) // 8)).rstrip(b"=").decode()


PRIVATE_RSA = RSAAlgorithm.to_jwk(rsa.generate_private_key(65537, 2048), as_dict=True)
PRIVATE_EC = ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256R1()), as_dict=True)
PASSED_OVER: dict[str, Any] = {
    "symmetric": {"kty": "oct", "k": "c2VjcmV0", "kid": "k"},
    "of another kind": {"kty": "XYZ", "kid": "k"},
    "of no kind": {"kid": "k"},
    "1,024 bits": weak(1024),
    "2,047 bits": RSA | {"n": number(2**2046 + 1)},
    "16,384 bits": RSA | {"n": number(2**16383 + 1)},
    "without an exponent": without(RSA, "e"),
    "an exponent of 1": RSA | {"e": number(1)},
    "an even exponent": RSA | {"e": number(2)},
    "without a modulus": without(RSA, "n"),
    "a modulus that is none": RSA | {"n": "!!!"},
    "a modulus that is a number": RSA | {"n": 5},
    "encryption": RSA | {"use": "enc"},
    "use that is none": RSA | {"use": ["sig"]},
    "operations of another kind": RSA | {"key_ops": ["encrypt"]},
    "operations that are none": RSA | {"key_ops": "verify"},
    "an algorithm of another kind": RSA | {"alg": "ES256"},
    "an algorithm that is symmetric": RSA | {"alg": "HS256"},
    "an algorithm that is none": RSA | {"alg": None},
    "an algorithm that is a list": RSA | {"alg": ["RS256"]},
    "without a name": without(RSA, "kid"),
    "an empty name": RSA | {"kid": ""},
    "a long name": RSA | {"kid": "x" * (MOST_KID + 1)},
    "a name that is a number": RSA | {"kid": 1},
    "private": PRIVATE_RSA | {"kid": "k", "key_ops": ["verify"]},
    "private of a curve": PRIVATE_EC | {"kid": "k"},
    "P-521": ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP521R1()).public_key(), as_dict=True) | {"kid": "k"},
    "secp256k1": ECAlgorithm.to_jwk(ec.generate_private_key(ec.SECP256K1()).public_key(), as_dict=True) | {"kid": "k"},
    "Ed448": OKPAlgorithm.to_jwk(ed448.Ed448PrivateKey.generate().public_key(), as_dict=True) | {"kid": "k"},
    "a point that is on no curve": EC | {"x": number(5), "y": number(7)},
    "a curve of another name": EC | {"crv": "P-384"},
    "a curve that is none": EC | {"crv": ["P-256"]},
    "Ed25519 too short": ED | {"x": "AAAA"},
    "no object": "key",
    "nothing": None,
}


@pytest.mark.parametrize("jwk", PASSED_OVER.values(), ids=PASSED_OVER.keys())
def test_a_key_that_is_not_trusted_is_passed_over(jwk: object) -> None:
    good = RSA | {"kid": "good"}
    assert set(keys_of({"keys": [jwk, good]})) == {"good"}
    with pytest.raises(ValueError, match="it has no key that can be used"):
        keys_of({"keys": [jwk]})


@pytest.mark.parametrize("document", [{}, {"keys": {}}, {"keys": None}, {"keys": "x"}, {"jwks": [RSA]}])
def test_what_is_no_set_is_told(document: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="it is not a set of keys"):
        keys_of(document)


def test_so_many_keys_are_read_and_no_more() -> None:
    found = keys_of({"keys": [EC | {"kid": str(one)} for one in range(MOST_KEYS + 10)]})
    assert list(found) == [str(one) for one in range(MOST_KEYS)]


def test_of_two_keys_with_one_name_the_first_that_can_be_used_is() -> None:
    found = keys_of({"keys": [RSA | {"use": "enc"}, EC, RSA]})
    assert found["k"].algorithms == {"ES256"}


def test_a_key_is_not_shown() -> None:
    assert "public" not in repr(keys_of({"keys": [EC]})["k"])


parts = st.none() | st.integers() | st.text() | st.lists(st.text()) | st.sampled_from(list(RSA.values()))


@settings(deadline=None)
@given(st.sampled_from([RSA, EC, ED]), st.dictionaries(st.sampled_from(["kty", "crv", "n", "e", "x", "y"]), parts))
def test_any_set_is_read(jwk: dict[str, Any], changes: dict[str, Any]) -> None:
    assert "good" in keys_of({"keys": [jwk | changes, RSA | {"kid": "good"}]})
