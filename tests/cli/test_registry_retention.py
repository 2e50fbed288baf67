"""``ocireg registry retention``: which tags of a registry stay."""

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from ocireg.metadata.database import Database
from tests.cli.commanded import Commands, events
from tests.web.v2 import push

AT = ("registry", "retention")
POLICY = {"rules": [{"repositories": ["*"], "tags": ["v*"], "keep": {"last_pushed": 1}}], "untagged_after_days": 7}


@pytest.fixture
def policy(run: Commands, client: FlaskClient) -> str:
    """A file, beside an installation that has had two tags of an image for a week."""
    del run
    for tag in ("v1", "v2"):
        push.manifest(client, "a/b", tag)
    database = Database(Path("data/ocireg.db"))
    with database.transaction():
        database.change("UPDATE tag SET pushed_at = pushed_at - 700000")
    database.close()
    Path("retention.json").write_text(json.dumps(POLICY))
    return "retention.json"


def test_a_policy_is_set_shown_tried_followed_and_cleared(run: Commands, policy: str) -> None:
    assert "has this retention policy: 1 rules" in run(*AT, "set", "root", policy)
    assert run.json(*AT, "show", "root") == POLICY
    shown = run(*AT, "show", "root")
    assert "1     *             v*    the last 1 pushed" in shown
    assert "what has no tag stays 7 days" in shown
    assert "followed last (UTC): never" in shown
    rows = run.lines(*AT, "preview", "root")
    assert [row[:3] for row in rows[1:]] == [["a/b", "v1", "delete"], ["a/b", "v2", "keep"]]
    (going,) = run.json(*AT, "preview", "root", "--deleted")
    assert (going["tag"], going["keep"], going["rule"]) == ("v1", False, 1)
    assert run.json(*AT, "run", "root") == {"repositories": 1, "tags": 2, "deleted": 1}
    assert "deleted 0 of 1 tags, in 1 repositories" in run(*AT, "run", "root")
    assert "0 of 1 tags deleted" in run(*AT, "show", "root")
    assert "all tags stay" in run(*AT, "clear", "root")
    assert [one.detail for one in events("retention.change")] == [{"rules": 1}, {"removed": True}]


def test_a_policy_of_a_file_is_tried_before_it_is_set(run: Commands, policy: str) -> None:
    (going,) = run.json(*AT, "preview", "root", "--policy", policy, "--deleted", "--repository", "a/b")
    assert going["reason"] == "rule 1: number 2 by push, and 1 stay"
    assert run.refused(*AT, "show", "root") == "root has no retention policy"


@pytest.mark.parametrize("command", ["show", "preview", "run", "clear"])
def test_without_a_policy_there_is_nothing_to_do(run: Commands, command: str) -> None:
    assert run.refused(*AT, command, "root") == "root has no retention policy"


def test_what_is_no_policy_is_refused_with_its_faults(run: Commands) -> None:
    Path("wrong.json").write_text('{"rules": [{"keep": {}}], "x": 1}')
    assert run.refused(*AT, "set", "root", "wrong.json") == (
        "wrong.json: unknown key 'x': wanted rules, untagged_after_days; rules.0.keep: a rule that keeps nothing would "
        "delete all that it is about: say what stays"
    )
