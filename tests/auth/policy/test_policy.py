"""What a policy decides."""

import pytest

from ocireg.auth.policy import Decision, parse

ISSUER = "https://agent.buildkite.com"
OTHER = "https://gitlab.com"
READ_WRITE = {"read_packages", "write_packages"}


def decide(claims: dict[str, object], rules: str, iss: str = ISSUER) -> Decision:
    """Return what a policy of one statement with these claims decides."""
    return parse(f"[{{iss: '{ISSUER}', claims: {rules}}}]", {ISSUER}).decide(iss, claims)


VALUES: dict[str, object] = {
    "text": "1",
    "number": 1,
    "float": 1.0,
    "true": True,
    "null": None,
    "list": ["1"],
    "object": {"1": "1"},
    "empty": "",
}
"""Claims of each type. Each row below names those for which its rule holds."""

ROWS = {
    "c: 1": {"number"},
    "c: '1'": {"text"},
    "c: 1.0": {"float"},
    "c: true": {"true"},
    "c: 'true'": set[str](),
    "c: null": {"null"},
    "c: ''": {"empty"},
    "c: {equals: 1}": {"number"},
    "c: {not_equals: 1}": {"text", "float", "true", "null", "list", "object", "empty"},
    "c: {not_equals: '1'}": {"number", "float", "true", "null", "list", "object", "empty"},
    "c: {in: [1, true]}": {"number", "true"},
    "c: {in: ['1', null, '']}": {"text", "null", "empty"},
    "c: {not_in: [1, '1', 1.0]}": {"true", "null", "list", "object", "empty"},
    "c: {matches: '*'}": {"text", "empty"},
    "c: {matches: '?'}": {"text"},
    "c: {matches: [x, '1*']}": {"text"},
    "c: {matches: '*', not_equals: ''}": {"text"},
    "c: {matches: '*', not_in: ['', x]}": {"text"},
    "c: {equals: '1', not_equals: '1'}": set[str](),
    "d: {not_equals: 1}": set[str](),
    "d: {not_in: [1]}": set[str](),
    "d: {matches: '*'}": set[str](),
    "d: null": set[str](),
    "{c: {in: [1, '1']}, e: x}": {"number", "text"},
    "{c: {in: [1, '1']}, e: y}": set[str](),
}


@pytest.mark.parametrize("kind", VALUES)
@pytest.mark.parametrize(("rules", "holds"), ROWS.items(), ids=ROWS.keys())
def test_a_rule_holds_for_claims_of_its_type_alone(rules: str, holds: set[str], kind: str) -> None:
    written = rules if rules.startswith("{") else f"{{{rules}}}"
    decision = decide({"c": VALUES[kind], "e": "x"}, written)
    assert decision.granted is (kind in holds)
    assert decision.scopes == (READ_WRITE if kind in holds else set())


@pytest.mark.parametrize("iss", ["", ISSUER + "/", ISSUER.upper(), OTHER, ISSUER[:-1]])
def test_an_issuer_is_itself_and_nothing_like_it(iss: str) -> None:
    assert decide({"c": 1}, "{c: 1}").granted
    assert not decide({"c": 1}, "{c: 1}", iss=iss).granted


POLICY = f"""
- iss: {ISSUER}
  scopes: [read_packages]
  claims: {{branch: {{not_equals: main}}, org: acme}}
- iss: {ISSUER}
  claims: {{branch: main, org: acme}}
- iss: {OTHER}
  scopes: [delete_packages]
  claims: {{branch: main}}
- iss: {ISSUER}
  scopes: [read_packages, write_packages, delete_packages]
  claims: {{org: acme}}
"""


@pytest.mark.parametrize(
    ("iss", "claims", "statement", "scopes"),
    [
        (ISSUER, {"branch": "x", "org": "acme"}, 1, {"read_packages"}),
        (ISSUER, {"branch": "main", "org": "acme"}, 2, READ_WRITE),
        (OTHER, {"branch": "main", "org": "acme"}, 3, {"delete_packages"}),
        (ISSUER, {"org": "acme"}, 4, READ_WRITE | {"delete_packages"}),
        (ISSUER, {"branch": "main"}, None, set[str]()),
        (OTHER, {"branch": "x"}, None, set[str]()),
    ],
)
def test_the_first_statement_that_holds_wins_and_its_scopes_alone_are_granted(
    iss: str, claims: dict[str, object], statement: int | None, scopes: set[str]
) -> None:
    decision = parse(POLICY, {ISSUER, OTHER}).decide(iss, claims)
    assert decision.statement == statement
    assert decision.scopes == scopes
    assert [one.statement for one in decision.outcomes] == list(range(1, (statement or 4) + 1))
    assert [one.won for one in decision.outcomes] == [number == statement for number in range(1, (statement or 4) + 1)]


def test_a_decision_says_why_each_statement_failed_or_won() -> None:
    decision = parse(POLICY, {ISSUER, OTHER}).decide(ISSUER, {"branch": "main", "org": "acme"})
    assert [one.reason for one in decision.outcomes] == [
        "the claim 'branch' is 'main': wanted not_equals 'main'",
        "the issuer and all claims are as wanted",
    ]
    decision = parse(POLICY, {ISSUER, OTHER}).decide(ISSUER, {"branch": "x\ny" * 100})
    assert [one.reason for one in decision.outcomes] == [
        "the claim 'org' is missing",
        "the claim 'branch' is " + repr(("x\ny" * 100)[:100] + "…") + ": wanted equals 'main'",
        f"the issuer is '{ISSUER}': wanted '{OTHER}'",
        "the claim 'org' is missing",
    ]


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (True, "true"),
        (None, "null"),
        (1, "1"),
        (1.5, "1.5"),
        (10**5000, "a number of 16610 bits"),
        (["x"], "a list"),
        ({}, "an object"),
        ("'", '"\'"'),
    ],
    ids=lambda value: type(value).__name__,
)
def test_a_reason_shows_a_claim_of_any_type_in_few_words(value: object, shown: str) -> None:
    (outcome,) = decide({"c": value}, "{c: x}").outcomes
    assert outcome.reason == f"the claim 'c' is {shown}: wanted equals 'x'"


def test_a_policy_without_statements_grants_nobody_anything() -> None:
    assert parse("[]", set()).decide(ISSUER, {"a": "b"}) == Decision(None, frozenset(), ())


def test_long_lists_are_shown_by_their_beginning() -> None:
    (outcome,) = decide({"c": "x"}, "{c: {in: [a, b, c, d, e, f, g]}}").outcomes
    assert outcome.reason == "the claim 'c' is 'x': wanted in ['a', 'b', 'c', 'd', 'e', …]"
