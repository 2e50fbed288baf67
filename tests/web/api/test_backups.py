"""Snapshots over the API."""

import pytest

from ocireg.metadata import facts
from tests.web.installed import Api


def test_whoever_administers_the_instance_sees_snapshots_and_asks_for_one(api: Api) -> None:
    before = api.get("/backups")
    assert (before["snapshots"], before["running"], before["failed"], before["behind"]) == ([], False, None, None)
    assert api.ask("POST", "/backups").status_code == 202
    backups = api.installed.registry.backups
    asked = backups.turns.asked()
    assert asked == {"reason": "asked"}
    taken = backups.asked(asked).snapshot
    assert taken is not None
    found = api.get("/backups")
    (one,) = found["snapshots"]
    assert (one["name"], one["reason"], one["size"]) == (taken.name, "asked", taken.size)
    assert "key" not in one
    assert found["ended_at"] is not None


def test_a_database_that_is_behind_says_why(api: Api) -> None:
    with api.installed.database.transaction():
        facts.fall_behind(api.installed.database, "it was restored")
    assert api.get("/backups")["behind"] == "it was restored"


@pytest.mark.parametrize("who", ["ada", "bob", ""])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_nobody_else_does(api: Api, who: str, method: str) -> None:
    assert api.ask(method, "/backups", who).status_code in (401, 403)
