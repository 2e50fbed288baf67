"""What a policy says of tags: a table of rules, and what is true of all of them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocireg.metadata.retained import Tagged
from ocireg.registry.retention.policy import Keep, Policy, RetentionError, Rule, kept, parse
from ocireg.registry.retention.verdicts import Terms, judge

DAY = 86_400.0
NOW = 1000 * DAY


def tag(name: str, pushed: float, pulled: float | None = None) -> Tagged:
    """Return a tag that was pushed, and its manifest pulled, so many days ago."""
    return Tagged(name, 1, "sha256:1", NOW - pushed * DAY, None if pulled is None else NOW - pulled * DAY)


TAGS = [
    tag("v1", 90, 1),
    tag("v2", 60, 40),
    tag("pr-1", 50),
    tag("pr-2", 20, 19),
    tag("pr-3", 10),
    tag("latest", 5, 5),
    tag("new", 0.5),
]


def deleted(rules: Sequence[Rule], tags: Sequence[Tagged] = TAGS, repository: str = "web", **terms: Any) -> set[str]:
    """Return the tags that go."""
    found = judge(Policy(tuple(rules)), repository, tags, Terms(**{"now": NOW, "floor": DAY, **terms}))
    assert [one.tag for one in found] == list(tags)
    return {one.tag.name for one in found if not one.keep}


def rule(*tags: str, repositories: Sequence[str] = ("*",), **keep: Any) -> Rule:
    return Rule(tuple(repositories), tags or ("*",), Keep(**keep))


@pytest.mark.parametrize(
    ("rules", "gone"),
    [
        ([], ""),
        ([rule(last_pushed=3)], "v1 v2 pr-1 pr-2"),
        ([rule(last_pushed=100)], ""),
        ([rule(last_pulled=2)], "v2 pr-1 pr-2 pr-3"),
        ([rule(last_pushed=1, last_pulled=1)], "v2 pr-1 pr-2 pr-3 latest"),
        ([rule(pushed_within_days=10)], "v1 v2 pr-1 pr-2"),
        ([rule(pulled_within_days=19)], "v2 pr-1 pr-3"),
        ([rule(last_pushed=2), rule("v*", always=True)], "pr-1 pr-2 pr-3"),
        ([rule("pr-*", last_pushed=1)], "pr-1 pr-2"),
        ([rule("pr-?", "v?", pushed_within_days=55)], "v1 v2"),
        ([rule("pr-*", last_pushed=1), rule("pr-*", pushed_within_days=30)], "pr-1"),
        ([rule(repositories=("api", "other/*"), last_pushed=1)], ""),
        ([rule(repositories=("api", "w*"), last_pushed=4)], "v1 v2 pr-1"),
    ],
    ids=[
        "no rule",
        "last pushed",
        "more than there are",
        "last pulled",
        "either of one rule",
        "pushed within",
        "pulled within",
        "always",
        "what no rule is about stays",
        "two patterns",
        "either of two rules",
        "other repositories",
        "one of two patterns of repositories",
    ],
)
def test_tags_go_that_a_rule_is_about_and_none_keeps(rules: list[Rule], gone: str) -> None:
    assert deleted(rules) == set(gone.split())


def test_what_was_pushed_a_short_while_ago_stays_whatever_a_rule_says() -> None:
    assert "new" not in deleted([rule(pulled_within_days=1)])
    assert "new" in deleted([rule(pulled_within_days=1)], floor=0.0)


def test_what_follows_its_subject_stays_and_is_not_counted() -> None:
    assert deleted([rule(last_pushed=2)], followers={"new", "latest"}) == {"v1", "v2", "pr-1"}


def test_what_nothing_may_delete_stays_and_is_counted() -> None:
    (found,) = judge(Policy((rule(pulled_within_days=1),)), "web", TAGS[2:3], Terms(NOW, DAY, exempt={"pr-1": "fixed"}))
    assert (found.keep, found.rule, found.reason) == (True, None, "fixed")
    assert deleted([rule(last_pushed=2)], exempt={"v1": "fixed"}) == {"v2", "pr-1", "pr-2", "pr-3"}


def test_of_those_pushed_in_one_moment_the_last_by_name_come_first() -> None:
    tags = [tag(name, 5) for name in ("b", "d", "a", "c")]
    assert deleted([rule(last_pushed=2)], tags) == {"a", "b"}


@pytest.mark.parametrize(
    ("rules", "name", "number", "reason"),
    [
        ([rule(last_pushed=3)], "pr-3", 1, "number 3 of the last 3 pushed"),
        ([rule(last_pushed=1), rule("v*", always=True)], "v1", 2, "always kept"),
        ([rule("x")], "v1", None, "no rule is about it"),
        ([rule(last_pulled=1)], "new", None, "it was pushed a short while ago"),
        ([rule(last_pulled=2, pushed_within_days=1)], "pr-3", 1, "rule 1: never pulled, not pushed within a day"),
        ([rule("x", always=True), rule(last_pushed=1, last_pulled=2)], "v2", 2,
         "rule 2: number 6 by push, and 1 stay, number 4 by pull, and 2 stay"),
        ([rule(pulled_within_days=n) for n in (2, 3, 4, 5)], "v2", 1,
         ("rule 1: not pulled within 2 days; rule 2: not pulled within 3 days; rule 3: not pulled within 4 days; "
         "and 1 more")),
    ],
)  # fmt: skip
def test_a_verdict_names_the_rule_and_says_why(rules: list[Rule], name: str, number: int | None, reason: str) -> None:
    found = {one.tag.name: one for one in judge(Policy(tuple(rules)), "web", TAGS, Terms(NOW, DAY))}
    assert (found[name].rule, found[name].reason) == (number, reason)


COUNTS, DAYS = st.none() | st.integers(1, 12), st.none() | st.integers(1, 100)
KEEPS = st.builds(Keep, st.booleans(), COUNTS, COUNTS, DAYS, DAYS).filter(bool)
PATTERNS = st.sampled_from([("*",), ("v*",), ("pr-*", "v1"), ("?",)])
RULES = st.builds(Rule, st.just(("*",)), PATTERNS, KEEPS)
AGES = st.floats(0, 200)
TAGGED = st.lists(
    st.builds(tag, st.sampled_from([f"{kind}{n}" for kind in ("v", "pr-", "") for n in range(10)]), AGES,
              st.none() | AGES),
    unique_by=lambda one: one.name, max_size=12,
)  # fmt: skip


@settings(max_examples=40)
@given(rules=st.lists(RULES, max_size=4), tags=TAGGED, keep=KEEPS, place=st.integers(0, 3))
def test_one_more_rule_over_the_same_tags_never_deletes_more(
    rules: list[Rule], tags: list[Tagged], keep: Keep, place: int
) -> None:
    before = deleted(rules, tags)
    more = [*rules, replace(rules[place % len(rules)], keep=keep)] if rules else [rule(always=True)]
    assert deleted(more, tags) <= before


@settings(max_examples=40)
@given(rules=st.lists(RULES, min_size=1, max_size=4), tags=TAGGED, more=st.integers(1, 10))
def test_larger_numbers_never_delete_more(rules: list[Rule], tags: list[Tagged], more: int) -> None:
    def larger(keep: Keep) -> Keep:
        found = {name: value if value is True else value + more for name, value in keep.written().items()}
        return Keep(**found)

    assert deleted([replace(one, keep=larger(one.keep)) for one in rules], tags) <= deleted(rules, tags)


@settings(max_examples=40)
@given(rules=st.lists(RULES, max_size=4), tags=TAGGED, newer=st.lists(st.floats(0, 1), max_size=5))
def test_what_goes_would_go_though_more_were_pushed_meanwhile(
    rules: list[Rule], tags: list[Tagged], newer: list[float]
) -> None:
    """So a verdict is no less right when it is carried out than when it was found."""
    pushed = [replace(tag(f"n{n}", 0), pushed_at=NOW + age) for n, age in enumerate(newer)]
    assert deleted(rules, tags) <= deleted(rules, [*tags, *pushed])


@settings(max_examples=40)
@given(rules=st.lists(RULES, max_size=4), tags=TAGGED, floor=st.floats(0, 100 * DAY), order=st.randoms())
def test_the_order_in_which_tags_come_makes_no_difference(
    rules: list[Rule], tags: list[Tagged], floor: float, order: Any
) -> None:
    mixed = order.sample(tags, len(tags))
    gone = deleted(rules, tags, floor=floor)
    assert deleted(rules, mixed, floor=floor) == gone
    assert not [one for one in tags if one.name in gone and one.pushed_at > NOW - floor]


@settings(max_examples=40)
@given(rules=st.lists(RULES, max_size=4), untagged=st.none() | st.integers(0, 100))
def test_a_policy_is_read_as_it_was_written(rules: list[Rule], untagged: int | None) -> None:
    policy = Policy(tuple(rules), untagged)
    assert kept(policy.text()) == policy == parse(policy.written())


NESTED = {"rules": [{"keep": {"always": True, "last_pushed": 3}}], "untagged_after_days": 0}


def test_patterns_that_are_not_said_are_all() -> None:
    policy = parse(NESTED)
    assert policy == Policy((Rule(("*",), ("*",), Keep(always=True, last_pushed=3)),), 0)
    assert policy.untagged == 0.0
    assert Policy(untagged_after_days=2).untagged == 2 * DAY
    assert Policy().untagged is None


@pytest.mark.parametrize(
    ("document", "where", "said"),
    [
        ([], "", "an object with rules, untagged_after_days"),
        ({"rulez": []}, "", "unknown key 'rulez'"),
        ({"rules": {}}, "rules", "a list of 20 rules at most"),
        ({"rules": [NESTED["rules"]] * 21}, "rules", "a list of 20 rules at most"),
        ({"untagged_after_days": -1}, "untagged_after_days", "a whole number from 0 to 36500"),
        ({"rules": [3]}, "rules.0", "an object with"),
        ({"rules": [{}]}, "rules.0.keep", "is missing"),
        ({"rules": [{"keep": {}}]}, "rules.0.keep", "a rule that keeps nothing would delete all"),
        ({"rules": [{"keep": {"always": False}}]}, "rules.0.keep", "a rule that keeps nothing"),
        ({"rules": [{"keep": {"always": 1}}]}, "rules.0.keep.always", "true, or false"),
        ({"rules": [{"keep": {"last_pushed": 0}}]}, "rules.0.keep.last_pushed", "a whole number from 1 to 100000"),
        ({"rules": [{"keep": {"last_pushed": True}}]}, "rules.0.keep.last_pushed", "a whole number"),
        ({"rules": [{"keep": {"last_pulled": 1.5}}]}, "rules.0.keep.last_pulled", "a whole number"),
        ({"rules": [{"keep": {"last": 1}}]}, "rules.0.keep", "unknown key 'last'"),
        ({"rules": [{"tags": [], "keep": {"always": True}}]}, "rules.0.tags", "a list of 1 to 20 patterns"),
        ({"rules": [{"tags": "*", "keep": {"always": True}}]}, "rules.0.tags", "a list of 1 to 20 patterns"),
        ({"rules": [{"tags": [7], "keep": {"always": True}}]}, "rules.0.tags", "'int' fits no name"),
        ({"rules": [{"tags": ["a b\u202e"], "keep": {"always": True}}]}, "rules.0.tags", r"'a b\u202e' fits no name"),
        ({"rules": [{"repositories": ["Web"], "keep": {"always": True}}]}, "rules.0.repositories", "'Web' fits no"),
    ],
)  # fmt: skip
def test_what_is_no_policy_is_refused_with_the_place(document: object, where: str, said: str) -> None:
    with pytest.raises(RetentionError) as caught:
        parse(document)
    (fault,) = caught.value.faults
    assert fault.where == where
    assert said in fault.reason


def test_many_faults_are_told_at_once_and_are_bounded() -> None:
    with pytest.raises(RetentionError) as caught:
        parse({"rules": [{"keep": 1, "tags": [], "repositories": []}] * 20, "untagged_after_days": "x"})
    assert len(caught.value.faults) == 20
