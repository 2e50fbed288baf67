"""The check over the API."""

import pytest

from tests.web.api.conftest import Api, Make, pusher
from tests.web.v2 import push


@pytest.fixture
def api(make: Make) -> Api:
    """An installation with bob, who is nobody special."""
    found = make()
    found.user("bob")
    return found


def test_a_check_is_asked_for_and_its_report_is_shown(api: Api) -> None:
    digest = push.blob(pusher(api), "a/b", b"layer")
    blobs = api.installed.settings.data / "storage" / "objects" / "blobs"
    for one in blobs.rglob("*"):
        if one.is_file():
            one.write_bytes(b"sho")
    before = api.get("/check")
    assert (before["running"], before["waiting"], before["last"], before["progress"]) == (False, False, None, None)
    answer = api.ask("POST", "/check", json={"digests": True, "repair": True})
    assert (answer.status_code, answer.get_json()["waiting"]) == (202, True)
    check = api.installed.registry.check
    check.asked(check.turns.asked() or {})
    found = api.get("/check")
    assert found["waiting"] is False
    last = found["last"]
    assert (last["whole"], last["digests"], last["repair"], last["left"]) == (True, True, True, 1)
    (fault,) = last["faults"]
    assert (fault["kind"], fault["digest"], fault["done"]) == ("wrong_size", digest, "quarantined")
    assert (fault["wanted"], fault["found"], fault["repositories"]) == (5, 3, ["a/b"])
    events = [(one["action"], one["actor"]) for one in api.get("/audit-events")]
    assert ("check.ask", "admin") in events
    assert ("check.repair", "system") in events


def test_others_may_neither_see_nor_ask(api: Api) -> None:
    assert api.ask("GET", "/check", "bob").status_code == 403
    assert api.ask("POST", "/check", "bob", json={}).status_code == 403
