"""Tokens of ours: what is read back, and all that is not."""

import itertools
import json
import random
import time
from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from itsdangerous import URLSafeSerializer

from ocireg.auth.signing import LONGEST, Access, Reference, Signer
from ocireg.oci import scope

OLD, NEW, OTHER = "o" * 32, "n" * 32, "x" * 32
REFERENCE: Reference = ("temporary", ("oidc", 1, "p", "https://issuer", "job", ("read_packages",)), 7, 12.5)
ACCESS = Access(REFERENCE, {"acme/containers/web": frozenset({"pull", "push"})}, catalog=False)
SIGNER = Signer([OLD, NEW])

MADE: dict[str, Callable[[Signer, float], str]] = {
    "access": lambda signer, until: signer.access(ACCESS, until),
    "refresh": lambda signer, until: signer.refresh(REFERENCE, until),
    "temporary": lambda signer, until: signer.temporary(REFERENCE, until),
}
READ: dict[str, Callable[[Signer, str], object]] = {
    "access": Signer.read_access,
    "refresh": Signer.read_refresh,
    "temporary": Signer.read_temporary,
}
WHAT = {"access": ACCESS, "refresh": REFERENCE, "temporary": REFERENCE}


def soon() -> float:
    """Return a time that has not come."""
    return time.time() + 60


@pytest.mark.parametrize(("made", "read"), list(itertools.product(MADE, READ)))
def test_a_token_is_read_as_what_it_was_made_as_and_as_nothing_else(made: str, read: str) -> None:
    assert READ[read](SIGNER, MADE[made](SIGNER, soon())) == (WHAT[made] if made == read else None)


@pytest.mark.parametrize("kind", MADE)
@pytest.mark.parametrize("ago", [0.0, 1.0, 1e6])
def test_a_token_that_has_expired_is_none(kind: str, ago: float) -> None:
    assert READ[kind](SIGNER, MADE[kind](SIGNER, time.time() - ago)) is None


@pytest.mark.parametrize("kind", MADE)
@pytest.mark.parametrize(
    ("signed", "known", "good"),
    [
        ([NEW], [OLD, NEW], True),
        ([OLD], [OLD, NEW], True),
        ([OLD, NEW], [NEW], True),
        ([OLD], [NEW], False),
        ([OTHER], [OLD, NEW], False),
        ([OTHER, OLD], [OTHER], False),
    ],
)
def test_the_last_key_signs_and_each_is_believed(kind: str, signed: list[str], known: list[str], good: bool) -> None:
    found = READ[kind](Signer(known), MADE[kind](Signer(signed), soon()))
    assert found == (WHAT[kind] if good else None)


@pytest.mark.parametrize("kind", MADE)
def test_a_token_with_any_character_changed_or_lost_is_none(kind: str) -> None:
    token = MADE[kind](SIGNER, soon())
    rng = random.Random(7)
    for position in range(len(token)):
        other = rng.choice([one for one in "ABCabc019-_." if one != token[position]])
        assert READ[kind](SIGNER, token[:position]) is None
        changed = token[:position] + other + token[position + 1 :]
        found = READ[kind](SIGNER, changed)
        last = position == len(token) - 1  # of the last character of base64 some bits say nothing
        assert found is None or (last and found == WHAT[kind])


@given(st.text(max_size=200))
def test_whatever_is_no_token_is_none_and_nothing_breaks(text: str) -> None:
    assert all(read(SIGNER, text) is None for read in READ.values())


@pytest.mark.parametrize("kind", MADE)
def test_a_payload_signed_without_the_salt_of_its_kind_is_none(kind: str) -> None:
    body = {"r": ["user", "1", "v"], "g": {}, "c": True, "e": int(soon())}
    assert READ[kind](SIGNER, str(URLSafeSerializer(NEW).dumps(body))) is None
    assert READ[kind](SIGNER, json.dumps(body)) is None


def test_what_is_longer_than_any_token_is_not_looked_at() -> None:
    token = SIGNER.access(Access(("user", "x" * LONGEST * 4), {}, catalog=False), soon())
    assert len(token) < LONGEST, "it is pressed together"
    assert SIGNER.read_access(token) is not None
    assert SIGNER.read_access(token + "A" * LONGEST) is None


def test_the_largest_token_that_can_be_asked_for_is_one_that_is_read() -> None:
    """Names that do not press together, as many as one request may name; and the longest subject of an issuer."""
    rng = random.Random(11)
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    size = scope.LONGEST // scope.MOST - len("repository::*")
    names = ["".join(rng.choice(letters) for _ in range(size)) for _ in range(scope.MOST)]
    granted = {name: frozenset({"pull", "push", "delete"}) for name in names}
    subject = "".join(chr(rng.randrange(0x4E00, 0x9FFF)) for _ in range(300))
    reference = ("oidc", 2**31, "f" * 32, f"https://{'i' * 200}.example", subject, ("a" * 15, "b" * 15), 2**31)
    access = Access(reference, granted, catalog=True)
    token = SIGNER.access(access, soon())
    print(f"the largest token has {len(token)} characters of {LONGEST}")
    assert SIGNER.read_access(token) == access
