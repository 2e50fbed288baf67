"""The page of snapshots."""

import pytest

from ocireg.metadata import facts
from ocireg.registry.backups import INTERVAL
from tests.web.installed import Api
from tests.web.pages.browser import Browser

BACKUPS = "/admin/backups"


@pytest.fixture
def as_admin(api: Api) -> Browser:
    """A browser of whoever administers the instance."""
    browser = Browser(api.app)
    browser.sign_in("admin")
    return browser


def names_on(browser: Browser, path: str) -> list[str]:
    """Return the names of the snapshots on a page."""
    return [row[0].split()[0] for row in browser.get(path).rows]


def test_a_snapshot_is_asked_for_and_listed(api: Api, as_admin: Browser) -> None:
    page = as_admin.get(BACKUPS)
    assert "No snapshots yet" in page.text
    assert "every 6 hours" in page.text
    assert "A snapshot is being taken" in as_admin.submit(BACKUPS).text
    assert "asked for" in as_admin.get(BACKUPS).text
    taken = api.installed.registry.backups.asked({"reason": "asked"}).snapshot
    assert taken is not None
    assert names_on(as_admin, BACKUPS) == [taken.name]


def test_many_snapshots_are_shown_by_pages(api: Api, as_admin: Browser) -> None:
    backups = api.installed.registry.backups
    names = sorted((backups.take(INTERVAL).name for _ in range(31)), reverse=True)
    assert names_on(as_admin, BACKUPS) == names[:30]
    assert names_on(as_admin, f"{BACKUPS}?after={names[29]}") == names[30:]
    assert names_on(as_admin, f"{BACKUPS}?before={names[30]}") == names[:30]


def test_what_went_wrong_is_said_and_what_to_do_about_it(api: Api, as_admin: Browser) -> None:
    with api.installed.database.transaction():
        facts.fall_behind(api.installed.database, "it was <b>restored</b>")
        api.installed.database.change('UPDATE task SET ended_at = 1, report = \'{"failed": "no room"}\'')
    page = as_admin.get(BACKUPS)
    assert "it was <b>restored</b>" in page.text
    assert "ocireg rebuild" in page.text
    assert "no room" in page.text


@pytest.mark.parametrize("name", ["ada", "bob"])
def test_nobody_else_sees_it(api: Api, name: str) -> None:
    browser = Browser(api.app)
    browser.sign_in(name)
    browser.get(BACKUPS, 403)
