"""The page on access says what the rule says."""

import re
from pathlib import Path

import pytest

from ocireg.auth.access import Action, Target, may
from ocireg.auth.actor import Actor, user
from ocireg.auth.scopes import SCOPES, Level
from ocireg.config.settings import TABLE

PAGE = (Path(__file__).parents[2] / "docs" / "access.rst").read_text()
ORGANIZATION, REGISTRY = 1, 2
WHO: dict[str, Actor] = {
    "who has nothing there, of a public registry": user("alice", "1", "password"),
    "with the level ``read``": user("alice", "1", "password", levels={REGISTRY: Level.READ}),
    "with the level ``write``": user("alice", "1", "password", levels={REGISTRY: Level.WRITE}),
    "with the level ``admin``": user("alice", "1", "password", levels={REGISTRY: Level.ADMIN}),
    "who is ``member`` of its organization": user("alice", "1", "password", roles={ORGANIZATION: Level.READ}),
    "who is ``admin`` of its organization": user("alice", "1", "password", roles={ORGANIZATION: Level.ADMIN}),
    "who administers the instance": user("alice", "1", "password", admin=True),
}
ACTIONS = (Action.PULL, Action.PUSH, Action.DELETE, Action.MANAGE_REGISTRY)


def rows(title: str) -> list[list[str]]:
    """Return the rows of the table under a title, without its head."""
    part = PAGE.partition(f"\n{title}\n---")[2].partition("\n---")[0]
    table = re.split(r"^=+(?:  +=+)+$", part, flags=re.MULTILINE)
    return [re.split(r"  +", line) for line in table[2].strip().splitlines()]


@pytest.mark.parametrize("who", WHO)
def test_a_level_lets_a_user_do_what_the_page_says(who: str) -> None:
    said = {row[0]: row[1:] for row in rows("Levels")}
    target = Target(ORGANIZATION, REGISTRY, public="public" in who)
    assert said[who] == ["yes" if may(WHO[who], action, target) else "no" for action in ACTIONS]
    assert said.keys() == WHO.keys()


def test_every_scope_is_on_the_page_with_what_it_lets_a_token_do() -> None:
    assert {name.strip("`"): text for name, text in rows("Scopes")} == SCOPES


def test_every_setting_on_the_page_is_there() -> None:
    named = set(re.findall(r"OCIREG_\w+", PAGE))
    assert len(named) > 8
    assert named <= {row.variable for row in TABLE}
