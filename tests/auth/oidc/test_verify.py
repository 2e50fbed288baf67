"""Tokens of a real issuer over HTTP: which are accepted, and every way that has led around verification elsewhere."""

import base64
import hashlib
import hmac
import json
import time
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from ocireg.auth.oidc import Fetcher, InvalidToken, IssuerUnavailable, Keys, Peeked, Verifier, peek
from ocireg.auth.oidc.claims import LEEWAY, LONGEST_LIFE
from ocireg.auth.oidc.verify import MOST_CHARACTERS
from tests.auth.oidc.issuer import AUDIENCE, LOOPBACK, Answer, Issuer, compact, encoded, private_key, public_jwk, signed

NOW = 1_800_000_000
Claims = dict[str, Any]


def verifier(*issuers: Issuer, clock: Callable[[], float] = time.time) -> Verifier:
    """Return a verifier that allows these issuers."""
    return Verifier({one.url for one in issuers}, Keys(Fetcher(LOOPBACK).get), clock)


def verify(token: str, *issuers: Issuer, audience: str = AUDIENCE) -> Claims:
    """Verify a token now, as one of these issuers."""
    return verifier(*issuers).verify(token, audience, {one.url for one in issuers})


def refusal(token: str, *issuers: Issuer) -> str:
    """Return why a token is refused. Nothing of it but claims and names may be in the reason."""
    with pytest.raises(InvalidToken) as caught:
        verify(token, *issuers)
    reason = str(caught.value)
    assert "\n" not in reason
    assert not any(part and part in reason for part in token.split("."))
    return reason


@pytest.mark.parametrize("algorithm", ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"])
def test_a_token_is_accepted_with_its_claims(issuer: Issuer, algorithm: str) -> None:
    key = private_key(algorithm if algorithm[0] == "E" else "RS256")
    issuer.publish("k", key)
    claims = issuer.claims(extra=["a", 1, None, {"b": True}])
    assert verify(signed(claims, key, algorithm, kid="k"), issuer) == claims


def test_an_audience_may_be_a_list_of_one(issuer: Issuer) -> None:
    assert verify(issuer.token(aud=[AUDIENCE]), issuer)["aud"] == [AUDIENCE]


HEADERS: dict[str, Claims] = {
    "none": {"alg": "none"},
    "None": {"alg": "None"},
    "NONE": {"alg": "NONE"},
    "no algorithm": {},
    "null": {"alg": None},
    "a list": {"alg": ["RS256"]},
    "an unknown one": {"alg": "RS1"},
    "another curve": {"alg": "ES512"},
    "encryption": {"alg": "RSA-OAEP", "enc": "A256GCM"},
    "small letters": {"alg": "rs256"},
}


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS.keys())
@pytest.mark.parametrize("signature", [b"", b"x" * 256])
def test_an_algorithm_that_is_none_is_refused(issuer: Issuer, header: Claims, signature: bytes) -> None:
    token = compact({"typ": "JWT", "kid": "one"} | header, issuer.claims(), signature)
    assert refusal(token, issuer).startswith("the algorithm is not accepted: alg is ")
    assert issuer.requests == []


def pem(issuer: Issuer, kind: Encoding, form: PublicFormat) -> bytes:
    """Return the public key of an issuer as whoever reads its keys can write it."""
    key = private_key("RS256")
    assert isinstance(key, RSAPrivateKey)
    assert issuer.published["one"] == public_jwk(key, "one", alg="RS256")
    return key.public_key().public_bytes(kind, form)


@pytest.mark.parametrize(("algorithm", "digest"), [("HS256", "sha256"), ("HS384", "sha384"), ("HS512", "sha512")])
@pytest.mark.parametrize("form", ["PEM", "PKCS1", "DER", "JWK", "empty"])
def test_a_public_key_is_no_secret_to_sign_with(issuer: Issuer, algorithm: str, digest: str, form: str) -> None:
    secret = {
        "PEM": pem(issuer, Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
        "PKCS1": pem(issuer, Encoding.PEM, PublicFormat.PKCS1),
        "DER": pem(issuer, Encoding.DER, PublicFormat.SubjectPublicKeyInfo),
        "JWK": json.dumps(issuer.published["one"]).encode(),
        "empty": b"",
    }[form]
    message = f"{encoded({'alg': algorithm, 'kid': 'one'})}.{encoded(issuer.claims())}"
    signature = hmac.new(secret, message.encode(), getattr(hashlib, digest)).digest()
    assert refusal(f"{message}.{encoded(signature)}", issuer) == f"the algorithm is not accepted: alg is '{algorithm}'"


def test_a_symmetric_key_of_an_issuer_verifies_nothing(issuer: Issuer) -> None:
    secret = base64.urlsafe_b64encode(b"s" * 32).decode()
    issuer.published["s"] = {"kty": "oct", "k": secret, "kid": "s", "alg": "HS256", "use": "sig"}
    message = f"{encoded({'alg': 'HS256', 'kid': 's'})}.{encoded(issuer.claims())}"
    signature = hmac.new(b"s" * 32, message.encode(), hashlib.sha256).digest()
    assert refusal(f"{message}.{encoded(signature)}", issuer).startswith("the algorithm is not accepted")


MINE = private_key("RS256", 1)
NOT_SIGNED = "the signature is not the issuer's"
NO_KEY = "the issuer has no key of the name that the token gives (kid)"


@pytest.mark.parametrize(("kid", "reason"), [("one", NOT_SIGNED), ("mine", NO_KEY)])
@pytest.mark.parametrize("how", ["jwk", "jku", "x5u", "x5c", "all"])
def test_a_key_that_a_token_brings_along_is_not_used(
    issuer: Issuer, other: Issuer, how: str, kid: str, reason: str
) -> None:
    other.publish(kid, MINE)
    brought = {
        "jwk": public_jwk(MINE, kid),
        "jku": other.url + "/keys",
        "x5u": other.url + "/keys",
        "x5c": [base64.b64encode(b"certificate").decode()],
    }
    header = brought if how == "all" else {how: brought[how]}
    assert refusal(signed(issuer.claims(), MINE, "RS256", kid=kid, **header), issuer) == reason
    assert other.requests == []


@pytest.mark.parametrize("header", [{"crit": ["exp"], "exp": 1}, {"crit": []}, {"crit": None}, {"b64": True}])
def test_an_extension_that_must_be_understood_is_refused(issuer: Issuer, header: Claims) -> None:
    claims = issuer.claims()
    message = f"{encoded({'alg': 'RS256', 'kid': 'one'} | header)}.{encoded(claims)}"
    key = private_key("RS256")
    signature = signed(claims, key, "RS256", kid="one").rpartition(".")[2]
    assert refusal(f"{message}.{signature}", issuer) in {
        "it is no token (JWT)",
        "the header has extensions (crit), and none is understood here",
    }
    assert issuer.requests == []


def test_a_payload_that_is_not_encoded_is_refused(issuer: Issuer) -> None:
    token = compact({"alg": "RS256", "kid": "one", "b64": False, "crit": ["b64"]}, issuer.claims(), b"x")
    assert refusal(token, issuer) == "it is no token (JWT)"


@pytest.mark.parametrize("kid", [None, "", "x" * 257])
def test_a_token_names_its_key(issuer: Issuer, kid: str | None) -> None:
    header = {"alg": "RS256"} | ({} if kid is None else {"kid": kid})
    assert refusal(compact(header, issuer.claims(), b"x"), issuer) == "the token names no key (kid)"


@pytest.mark.parametrize("kid", [1, None, ["one"], {"one": 1}])
def test_a_name_of_a_key_that_is_no_text_is_refused(issuer: Issuer, kid: object) -> None:
    refusal(compact({"alg": "RS256", "kid": kid}, issuer.claims(), b"x"), issuer)


def test_a_key_of_another_issuer_is_none_of_this_one(issuer: Issuer, other: Issuer) -> None:
    other.publish("theirs", MINE)
    other.publish("one", MINE)
    assert verify(other.token(kid="theirs", key=MINE), issuer, other)
    assert refusal(issuer.token(kid="theirs", key=MINE), issuer, other) == NO_KEY
    assert refusal(issuer.token(kid="one", key=MINE), issuer, other) == NOT_SIGNED


def test_a_name_of_a_key_is_no_proof_of_it(issuer: Issuer) -> None:
    assert refusal(issuer.token(kid="one", key=MINE), issuer) == NOT_SIGNED


@pytest.mark.parametrize(("published", "used"), [("RS256", "ES256"), ("ES256", "RS256"), ("ES256", "ES384")])
def test_an_algorithm_must_fit_the_key(issuer: Issuer, published: str, used: str) -> None:
    issuer.publish("k", private_key(published))
    reason = refusal(signed(issuer.claims(), private_key(used), used, kid="k"), issuer)
    assert reason == f"the algorithm {used} does not fit the key that the token names"


def test_a_key_that_is_for_one_algorithm_is_for_no_other(issuer: Issuer) -> None:
    token = signed(issuer.claims(), private_key("RS256"), "PS256", kid="one")
    assert refusal(token, issuer) == "the algorithm PS256 does not fit the key that the token names"


def test_a_token_that_is_cut_short_is_refused(issuer: Issuer) -> None:
    token = issuer.token()
    judge = verifier(issuer)
    for end in range(0, len(token), 7):
        with pytest.raises(InvalidToken):
            judge.verify(token[:end], AUDIENCE, {issuer.url})


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_token_that_was_changed_is_refused(issuer: Issuer, part: int) -> None:
    parts = issuer.token().split(".")
    judge = verifier(issuer)
    for place in range(0, len(parts[part]), 5):
        changed = parts.copy()
        was = changed[part][place]
        changed[part] = changed[part][:place] + ("A" if was != "A" else "B") + changed[part][place + 1 :]
        with pytest.raises(InvalidToken):
            judge.verify(".".join(changed), AUDIENCE, {issuer.url})


@pytest.mark.parametrize("changes", [{"ref": "release"}, {"sub": "me"}, {"exp": 200}, {"aud": [AUDIENCE]}])
def test_claims_that_were_changed_are_refused(issuer: Issuer, changes: Claims) -> None:
    header, _, signature = issuer.token().split(".")
    written = changes | ({"exp": int(time.time()) + changes["exp"]} if "exp" in changes else {})  # seconds from now
    assert refusal(f"{header}.{encoded(issuer.claims(**written))}.{signature}", issuer) == NOT_SIGNED


SHAPES: dict[str, Callable[[str], str]] = {
    "nothing": lambda _: "",
    "dots": lambda _: "..",
    "no signature": lambda token: token.rpartition(".")[0] + ".",
    "two parts": lambda token: token.rpartition(".")[0],
    "four parts": lambda token: token + ".x",
    "five parts": lambda token: token + ".x.x",
    "a blank": lambda token: token + " ",
    "a line": lambda token: token + "\n",
    "JSON": lambda token: json.dumps(dict(zip(("protected", "payload", "signature"), token.split("."), strict=True))),
    "letters of no alphabet": lambda token: token.replace(".", ".!", 1),
    "letters beyond ASCII": lambda token: "é" + token,
    "an API token": lambda _: "ocireg_0123456789abcdef",
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES.keys())
def test_what_is_no_token_is_refused(issuer: Issuer, shape: Callable[[str], str]) -> None:
    refusal(shape(issuer.token()), issuer)


def test_a_token_that_is_too_long_is_refused_unread(issuer: Issuer) -> None:
    reason = refusal(issuer.token(pad="x" * MOST_CHARACTERS), issuer)
    assert reason == f"the token is longer than {MOST_CHARACTERS} characters"
    assert issuer.requests == []


PAYLOADS = {
    "no JSON": b"{",
    "a list": b"[]",
    "a text": b'"x"',
    "not UTF-8": b'{"a": "\xff"}',
    "half a pair": b'{"a": "\\ud800"}',
    "NaN": b'{"iat": NaN}',
    "a key twice": b'{"iss": "a", "iss": "b"}',
    "depth": b"[" * 5000,
    "a huge number": b'{"iat": ' + b"9" * 5000 + b"}",
}


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_claims_that_can_be_read_in_two_ways_or_none_are_refused(issuer: Issuer, payload: bytes) -> None:
    token = signed(payload, private_key("RS256"), "RS256", kid="one")
    assert refusal(token, issuer).startswith("the claims cannot be read: ")


@pytest.mark.parametrize("iss", ["https://gitlab.com", "", 1, None, ["x"], {"x": 1}])
def test_an_issuer_that_is_not_allowed_is_never_asked(issuer: Issuer, iss: object) -> None:
    assert refusal(issuer.token(iss=iss), issuer).startswith("the issuer is not allowed here: iss is ")
    assert issuer.requests == []


def test_an_issuer_that_no_statement_names_is_never_asked(issuer: Issuer, other: Issuer) -> None:
    judge = verifier(issuer, other)
    with pytest.raises(InvalidToken, match="no statement of the policy names the issuer"):
        judge.verify(issuer.token(), AUDIENCE, {other.url})
    assert issuer.requests == []


AUDIENCES = {
    "another registry": AUDIENCE + "2",
    "the instance": "https://registry.example.com",
    "a slash more": AUDIENCE + "/",
    "capitals": AUDIENCE.upper(),
    "nothing": "",
    "none": None,
    "a number": 1,
    "an empty list": [],
    "two": [AUDIENCE, "https://example.com"],
    "twice": [AUDIENCE, AUDIENCE],
    "a list in a list": [[AUDIENCE]],
    "an object": {AUDIENCE: 1},
}


@pytest.mark.parametrize("aud", AUDIENCES.values(), ids=AUDIENCES.keys())
def test_a_token_for_anybody_else_is_refused(issuer: Issuer, aud: object) -> None:
    assert "aud is " in refusal(issuer.token(aud=aud), issuer)
    assert issuer.requests == []


def test_no_audience_is_nobody(issuer: Issuer) -> None:
    with pytest.raises(InvalidToken, match="the token is for another audience"):
        verify(issuer.token(aud=""), issuer, audience="")


TIMES: list[tuple[Claims, str]] = [
    ({}, ""),
    ({"nbf": None}, ""),
    ({"nbf": NOW}, ""),
    ({"nbf": NOW + LEEWAY}, ""),
    ({"nbf": NOW + LEEWAY + 1}, "the token is not valid yet: nbf is 31 s ahead"),
    ({"nbf": "now"}, "nbf is not a time in seconds"),
    ({"iat": NOW + LEEWAY, "exp": NOW + LEEWAY + LONGEST_LIFE}, ""),
    ({"iat": NOW + LEEWAY + 1}, "the token is not issued yet: iat is 31 s ahead"),
    ({"iat": None}, "iat is missing"),
    ({"iat": str(NOW)}, "iat is not a time in seconds"),
    ({"iat": True}, "iat is not a time in seconds"),
    ({"iat": -1}, "iat is not a time in seconds"),
    ({"iat": 10**400, "exp": 10**400}, "iat is not a time in seconds"),
    ({"iat": 1e300}, "iat is not a time in seconds"),
    ({"iat": [NOW]}, "iat is not a time in seconds"),
    ({"iat": NOW - LONGEST_LIFE + 1, "exp": NOW + 1}, ""),
    ({"iat": NOW - 0.5, "exp": NOW + 299.5}, ""),
    ({"exp": None}, "exp is missing"),
    ({"exp": str(NOW + 300)}, "exp is not a time in seconds"),
    ({"exp": NOW + LONGEST_LIFE}, ""),
    ({"exp": NOW + LONGEST_LIFE + 1}, "the token lives too long: 301 s, 300 s at most"),
    ({"iat": NOW - 3000, "exp": NOW + 600}, "the token lives too long: 3600 s, 300 s at most"),
    ({"exp": NOW}, "the token expired 0 s ago"),
    ({"iat": NOW - 300, "exp": NOW - 1}, "the token expired 1 s ago"),
    ({"exp": NOW + 1}, ""),
]


@pytest.mark.parametrize(("changes", "reason"), TIMES, ids=lambda value: str(value)[:40])
def test_a_token_is_of_this_moment_and_lives_five_minutes_at_most(issuer: Issuer, changes: Claims, reason: str) -> None:
    times: Claims = {"iat": NOW, "nbf": NOW - 5, "exp": NOW + 300}
    token = issuer.token(**times | changes)
    judge = verifier(issuer, clock=lambda: NOW)
    if not reason:
        assert judge.verify(token, AUDIENCE, {issuer.url})["sub"] == "job"
        return
    with pytest.raises(InvalidToken) as caught:
        judge.verify(token, AUDIENCE, {issuer.url})
    assert str(caught.value) == reason
    assert issuer.requests == []


def test_a_token_may_be_valid_although_its_issuer_does_not_answer(issuer: Issuer) -> None:
    issuer.instead["/keys"] = Answer(503)
    with pytest.raises(IssuerUnavailable, match=r"the keys of the issuer cannot be had: .*the answer is 503, not 200"):
        verify(issuer.token(), issuer)


def test_a_look_at_a_token_finds_its_issuer_and_its_audience(issuer: Issuer) -> None:
    assert peek(issuer.token()) == Peeked(issuer.url, AUDIENCE)
    assert peek(issuer.token(aud=[AUDIENCE])) == Peeked(issuer.url, AUDIENCE)
    assert peek(compact({"alg": "none"}, {"iss": "a", "aud": "b"})) == Peeked("a", "b")
    assert issuer.requests == []


@pytest.mark.parametrize(
    "token",
    [
        "",
        "password",
        "ocireg_0123",
        "a.b.c",
        compact({}, {"iss": "a"}),
        compact({}, {"aud": "b"}),
        compact({}, {"iss": "a", "aud": ["b", "c"]}),
        compact({}, {"iss": 1, "aud": "b"}),
        compact(b"[]", {"iss": "a", "aud": "b"}),
        compact({}, b"[" * 5000),
        compact({}, {"iss": "a", "aud": "b", "pad": "x" * MOST_CHARACTERS}),
    ],
    ids=lambda token: token[:20],
)
def test_a_look_at_anything_else_finds_nothing(token: str) -> None:
    assert peek(token) is None


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)


@settings(deadline=None)
@given(
    st.dictionaries(st.sampled_from(["alg", "kid", "crit", "typ", "b64", "jwk"]), json_values),
    st.dictionaries(st.sampled_from(["iss", "aud", "iat", "exp", "nbf"]), json_values),
    st.binary(max_size=70),
)
def test_any_parts_make_a_token_that_is_refused(header: Claims, claims: Claims, signature: bytes) -> None:
    token = compact(header, {"iss": "https://a"} | claims, signature)
    judge = Verifier({"https://a"}, Keys(Fetcher(resolve=lambda _: []).get), lambda: NOW)
    with pytest.raises(InvalidToken):
        judge.verify(token, AUDIENCE, {"https://a"})


@settings(deadline=None)
@given(st.text() | st.text("eyJ.=_-"))
def test_any_text_is_refused(token: str) -> None:
    with pytest.raises(InvalidToken):
        Verifier(set(), Keys(Fetcher(resolve=lambda _: []).get)).verify(token, AUDIENCE, set())
