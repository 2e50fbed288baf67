"""The page of the check: what it shows, and what its buttons ask for."""

import pytest

from tests.web.api.conftest import pusher
from tests.web.installed import Api
from tests.web.pages.browser import Browser
from tests.web.v2 import push

CHECK = "/admin/check"


@pytest.fixture
def admin(api: Api) -> Browser:
    """A browser of whoever administers the instance."""
    browser = Browser(api.app)
    browser.sign_in("admin")
    return browser


def lose_everything(api: Api) -> int:
    """Delete all blobs behind the registry's back; return how many there were."""
    objects = list((api.installed.settings.data / "storage" / "objects" / "blobs").rglob("*"))
    gone = [one for one in objects if one.is_file()]
    for one in gone:
        one.unlink()
    return len(gone)


def test_what_is_asked_for_is_shown_until_it_is_done(api: Api, admin: Browser) -> None:
    check = api.installed.registry.check
    assert "No check so far" in admin.get(CHECK).text
    page = admin.submit(f"{CHECK}/start", digests="y")
    assert "begins in a moment" in page.text
    assert check.turns.asked() == {"digests": True, "repair": False}
    assert admin.ask("GET", f"{CHECK}/progress").json == {"state": "pending", "done": 0, "size": 0}
    check.asked(check.turns.asked() or {})
    page = admin.get(CHECK)
    assert "Nothing is wrong" in page.text
    assert "Every digest was compared" in page.text


def test_faults_are_listed_and_repaired_when_that_is_confirmed(api: Api, admin: Browser) -> None:
    push.manifest(pusher(api), "library/app", "v1")
    count = lose_everything(api)
    check = api.installed.registry.check
    check.run()
    page = admin.get(CHECK)
    assert f"Faults left {count}" in page.text
    assert "the store does not have the object" in page.text
    assert "library/app" in page.text
    assert "Repair what is wrong?" in admin.get(f"{CHECK}/repair").text
    admin.submit(f"{CHECK}/repair")
    assert check.turns.asked() == {"digests": False, "repair": True}
    check.asked(check.turns.asked() or {})
    assert "lost" in admin.get(CHECK).text


def test_many_faults_are_paged(api: Api, admin: Browser) -> None:
    client = pusher(api)
    for number in range(70):
        push.blob(client, "library/app", f"blob {number}".encode())
    lose_everything(api)
    api.installed.registry.check.run()
    first = admin.get(CHECK)
    assert first.text.count("the store does not have the object") == 30
    last = admin.get(f"{CHECK}?after=60")
    assert last.text.count("the store does not have the object") == 10
    assert "blob" in admin.get(f"{CHECK}?before=31").text


def test_one_that_was_cut_off_says_so(api: Api, admin: Browser) -> None:
    database = api.installed.database
    with database.transaction():
        database.change("UPDATE task SET began_at = 5 WHERE name = 'check'")
    assert "was cut off" in admin.get(CHECK).text
