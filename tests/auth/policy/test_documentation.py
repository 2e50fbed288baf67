"""``docs/policy.rst`` says what the language does: its policies are parsed, its tables followed."""

import json
import re
import textwrap
from pathlib import Path
from typing import Any

import pytest

from ocireg.auth.oidc.claims import LEEWAY, LONGEST_LIFE, check_audience, check_times
from ocireg.auth.oidc.jwks import ALGORITHMS
from ocireg.auth.policy import PolicyError, parse
from ocireg.auth.policy.matchers import MATCHERS
from ocireg.auth.policy.policy import SCOPES
from ocireg.config.issuers import KNOWN, Issuers
from ocireg.config.settings import TABLE

PAGE = (Path(__file__).parents[3] / "docs" / "policy.rst").read_text()
ALLOWED = Issuers.parse(next(row.default for row in TABLE if row.name == "oidc_issuers"))
AUDIENCE = "https://registry.example.com/acme/containers"


def blocks(language: str) -> list[str]:
    """Return the examples in a language."""
    found = re.findall(rf"^\.\. code-block:: {language}\n\n((?:    .*\n|\n)+)", PAGE, re.MULTILINE)
    return [textwrap.dedent(one) for one in found]


def table(head: str) -> list[list[str]]:
    """Return the rows of the table whose first column has this head, without the marks of literals."""
    found = re.search(rf"^=[= ]+\n{head}  .*\n(=[= ]+)\n((?:.+\n)+?)=[= ]+\n", PAGE, re.MULTILINE)
    assert found is not None
    starts = [one.start() for one in re.finditer("=+", found[1])]
    ends = [*starts[1:], None]
    return [
        [row[start:end].strip().strip("`") for start, end in zip(starts, ends, strict=True)]
        for row in found[2].splitlines()
    ]


POLICIES, TOKENS = blocks("yaml"), [json.loads(one) for one in blocks("json")]


@pytest.mark.parametrize("text", POLICIES)
def test_every_policy_is_one_with_the_default_issuers(text: str) -> None:
    assert parse(text, ALLOWED).statements


@pytest.mark.parametrize(
    ("text", "claims"),
    list(zip(POLICIES[1:], TOKENS, strict=True)),
    ids=["buildkite", "github", "gitlab", "circleci"],
)
def test_the_policy_for_a_service_grants_its_token_something_and_needs_each_of_its_rules(
    text: str, claims: dict[str, Any]
) -> None:
    policy = parse(text, ALLOWED)
    assert policy.decide(claims["iss"], claims).scopes == {"read_packages", "write_packages"}
    check_audience(claims, AUDIENCE)
    check_times(claims, 1_800_000_000)
    for rule in policy.statements[0].rules:
        for other in ({}, {rule.claim: "another"}):
            changed = {name: value for name, value in claims.items() if name != rule.claim} | other
            assert not policy.decide(claims["iss"], changed).granted


def test_every_known_issuer_has_its_example() -> None:
    named = {claims["iss"] for claims in TOKENS}
    assert set(KNOWN.values()) < named


@pytest.mark.parametrize(("claims", "statement", "may"), table("claims"))
def test_the_first_policy_decides_as_the_table_says(claims: str, statement: str, may: str) -> None:
    decision = parse(POLICIES[0], ALLOWED).decide("https://agent.buildkite.com", json.loads(claims))
    assert str(decision.statement or "none") == statement
    said = [one.removesuffix("_packages") for one in SCOPES if one in decision.scopes]
    assert (", ".join(said) or "nothing") == may


@pytest.mark.parametrize(("rule", "claim", "holds"), table("rule"))
def test_a_rule_holds_as_the_table_says(rule: str, claim: str, holds: str) -> None:
    claims = {} if claim == "missing" else {rule.partition(":")[0]: json.loads(claim)}
    decision = parse(f"- iss: https://gitlab.com\n  claims:\n    {rule}\n", ALLOWED).decide(
        "https://gitlab.com", claims
    )
    assert decision.granted is {"yes": True, "no": False}[holds]


def test_every_matcher_is_in_the_table_and_in_a_row_that_shows_it() -> None:
    assert [row[0] for row in table("matcher")] == list(MATCHERS)
    assert all(any(f"{one}:" in row[0] for row in table("rule")) for one in MATCHERS)


def test_every_scope_and_every_algorithm_is_named() -> None:
    assert all(f"``{one}``" in PAGE for one in SCOPES)
    assert all(re.search(rf"\b{one}\b", PAGE) for one in ALGORITHMS)
    assert f"{LONGEST_LIFE} s" in PAGE
    assert f"{LEEWAY} s" in PAGE


def test_the_fault_on_the_page_is_told_so() -> None:
    beginning = "- iss: https://gitlab.com\n  claims:\n    ref:"
    text = f"{beginning} main\n{beginning}\n      regex: x\n"
    with pytest.raises(PolicyError) as caught:
        parse(text, ALLOWED)
    assert f"\n    {caught.value}\n" in PAGE
