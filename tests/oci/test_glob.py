"""Globs."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocireg.oci.glob import MOST_GLOB, MOST_VALUE, Glob, Globs


@pytest.mark.parametrize(
    ("glob", "value", "matches"),
    [
        ("", "", True),
        ("", "a", False),
        ("*", "", True),
        ("*", "a/b\nc", True),
        ("**", "", True),
        ("?", "", False),
        ("?", "/", True),
        ("?", "😀", True),
        ("?", "ab", False),
        ("main", "main", True),
        ("main", "Main", False),
        ("main", "main\n", False),
        ("main", "domain", False),
        ("refs/heads/*", "refs/heads/", True),
        ("refs/heads/*", "refs/heads/feature/x", True),
        ("refs/heads/*", "refs/tags/x", False),
        ("refs/heads/*", "xrefs/heads/x", False),
        ("*/main", "refs/heads/main", True),
        ("*/main", "refs/heads/main2", False),
        ("v?.*", "v1.0", True),
        ("v?.*", "v10.0", False),
        ("*a*b*", "xxaxxbxx", True),
        ("*a*b*", "xxbxxaxx", False),
        ("a*a", "a", False),
        ("a*a", "aa", True),
        ("*ab", "aab", True),
        ("*a?", "aab", True),
        ("[a]", "a", False),
        ("[a]", "[a]", True),
        ("a.c", "abc", False),
        ("a|b", "a", False),
        ("\\*", "*", False),
        ("\\*", "\\anything", True),
        ("{a,b}", "a", False),
        ("(?i)a", "A", False),
        ("^a$", "a", False),
        ("é", "e\u0301", False),
    ],
)
def test_a_glob_matches_the_whole_value_or_not(glob: str, value: str, *, matches: bool) -> None:
    assert Glob(glob).matches(value) is matches


def reference(glob: str, value: str) -> bool:
    """Say whether a glob matches, by its definition."""

    @cache
    def at(here: int, there: int) -> bool:
        if here == len(glob):
            return there == len(value)
        if glob[here] == "*":
            return at(here + 1, there) or (there < len(value) and at(here, there + 1))
        return there < len(value) and glob[here] in ("?", value[there]) and at(here + 1, there + 1)

    return at(0, 0)


@settings(deadline=None)
@given(st.text("ab*?", max_size=12), st.text("ab*?", max_size=16))
def test_every_glob_agrees_with_the_definition(glob: str, value: str) -> None:
    assert Glob(glob).matches(value) is reference(glob, value)


@settings(deadline=None)
@given(st.lists(st.text("ab*?", max_size=6), max_size=5), st.text("ab*?", max_size=10))
def test_globs_at_once_match_as_each_does_alone(globs: list[str], value: str) -> None:
    alone = tuple(place for place, one in enumerate(globs) if reference(one, value))
    assert Globs(globs).matching(value) == alone


@settings(deadline=None)
@given(st.text(max_size=20), st.text(max_size=20), st.text(max_size=20))
def test_what_a_star_stands_for_may_be_anything(before: str, between: str, after: str) -> None:
    assert Glob(f"{before}*{after}").matches(before + between + after)


def test_a_glob_that_ruins_backtracking_is_like_any_other() -> None:
    worst = Glob("*a?" * (MOST_GLOB // 3) + "b")
    assert worst.matches("a" * (MOST_VALUE - 1) + "b")
    assert not worst.matches("a" * MOST_VALUE)


def test_a_value_that_is_too_long_matches_nothing() -> None:
    assert Glob("*").matches("a" * MOST_VALUE)
    assert not Glob("*").matches("a" * (MOST_VALUE + 1))
