"""All of it: what an operator allows, what a policy says, and the token of a job, over real HTTP."""

import pytest

from ocireg.auth.oidc import Fetcher, InvalidToken, Keys, Verifier, peek
from ocireg.auth.policy import PolicyError, parse
from ocireg.config.issuers import Issuers
from ocireg.config.networks import Networks
from tests.auth.oidc.issuer import AUDIENCE, Issuer


def decided(issuer: Issuer, token: str, networks: str = "127.0.0.1") -> frozenset[str]:
    """Return what a token is granted, as a registry finds out."""
    allowed = Issuers.parse(f"buildkite, {issuer.url}")
    policy = parse(f"- iss: {issuer.url}\n  claims:\n    ref: {{matches: [main, release/*]}}\n", allowed)
    keys = Keys(Fetcher(Networks.parse(networks)).get)
    claims = Verifier(allowed, keys).verify(token, AUDIENCE, policy.issuers)
    return policy.decide(claims["iss"], claims).scopes


@pytest.mark.parametrize(
    ("ref", "scopes"),
    [
        ("main", {"read_packages", "write_packages"}),
        ("release/1", {"read_packages", "write_packages"}),
        ("next", set[str]()),
        (None, set[str]()),
        (["main"], set[str]()),
    ],
)
def test_a_job_is_granted_what_the_policy_says_of_its_claims(issuer: Issuer, ref: object, scopes: set[str]) -> None:
    assert decided(issuer, issuer.token(ref=ref)) == scopes


def test_the_registry_is_found_before_anything_is_believed(issuer: Issuer) -> None:
    peeked = peek(issuer.token())
    assert peeked is not None
    assert peeked.aud == AUDIENCE
    assert issuer.requests == []


def test_an_issuer_off_the_internet_needs_its_network_in_the_setting(issuer: Issuer) -> None:
    with pytest.raises(InvalidToken, match=r"127\.0\.0\.1, which is not of the internet, nor in oidc_networks"):
        decided(issuer, issuer.token(), networks="")
    assert issuer.requests == []


def test_a_policy_names_no_issuer_that_the_operator_does_not_allow(issuer: Issuer) -> None:
    with pytest.raises(PolicyError, match="is not an issuer that is allowed here"):
        parse(f"- iss: {issuer.url}\n  claims: {{ref: main}}\n", Issuers.parse("buildkite, github, gitlab, circleci"))
