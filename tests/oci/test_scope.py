"""Scopes of the token protocol: what is one, and that there is an end of them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocireg.oci.scope import LONGEST, MOST, Scope, parse_scopes


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("repository:app:pull", [("repository", "app", {"pull"})]),
        ("repository:a/b/c:pull,push", [("repository", "a/b/c", {"pull", "push"})]),
        ("repository:app:push,pull,push", [("repository", "app", {"pull", "push"})]),
        ("repository:app:*", [("repository", "app", {"*"})]),
        ("repository(plugin):app:pull", [("repository", "app", {"pull"})]),
        ("repository:host:5000/app:pull", [("repository", "host:5000/app", {"pull"})]),
        ("registry:catalog:*", [("registry", "catalog", {"*"})]),
        ("repository:a:pull repository:b:push", [("repository", "a", {"pull"}), ("repository", "b", {"push"})]),
        (
            "repository:a:pull  nonsense repository:b:push",
            [("repository", "a", {"pull"}), ("repository", "b", {"push"})],
        ),
        ("repository:app:,pull,", [("repository", "app", {"pull"})]),
        ("repository:app:,", [("repository", "app", set[str]())]),
        ("", []),
        ("repository", []),
        ("repository:app", []),
        ("repository:app:", []),
        ("repository::pull", []),
        (":app:pull", []),
        ("repository:app:PULL", []),
        ("Repository:app:pull", []),
        ("repository():app:pull", []),
        ("repository:app:pull\n", []),
        ("repository:app:pull\trepository:b:pull", [("repository", "app:pull\trepository:b", {"pull"})]),
    ],
)
def test_what_is_a_scope_is_read_and_what_is_none_is_left_out(
    text: str, found: list[tuple[str, str, set[str]]]
) -> None:
    assert parse_scopes([text]) == [Scope(kind, name, frozenset(actions)) for kind, name, actions in found]


def test_several_parameters_are_as_several_in_one() -> None:
    several = ["repository:a:pull", "repository:b:pull"]
    assert parse_scopes(several) == parse_scopes([" ".join(several)])


def test_no_more_are_read_than_a_request_may_have() -> None:
    assert len(parse_scopes([f"repository:r{number}:pull" for number in range(MOST * 3)])) == MOST
    assert parse_scopes(["x" * LONGEST + " repository:a:pull"]) == []
    assert parse_scopes([f"repository:{'a' * LONGEST}:pull", "repository:b:pull"]) == []


@given(st.lists(st.text(max_size=60), max_size=5))
def test_whatever_is_asked_for_nothing_breaks_and_what_is_read_is_read_again(texts: list[str]) -> None:
    for one in parse_scopes(texts):
        if one.actions:
            assert parse_scopes([str(one)]) == [one]
