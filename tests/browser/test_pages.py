"""What holds of every page."""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import axe
from tests.browser.conftest import Visit
from tests.browser.layout import fits
from tests.browser.looks import LOOKS, Look
from tests.browser.pages import PAGES, Kind
from tests.browser.screenshots import screenshot

every_page = pytest.mark.parametrize("kind", PAGES, ids=lambda kind: kind.name)


@every_page
@pytest.mark.parametrize("look", LOOKS, ids=lambda look: look.name)
def test_it_can_be_seen_whole_and_used_by_everybody(visit: Visit, kind: Kind, look: Look) -> None:
    page = visit(kind.path, status=kind.status, look=look)
    screenshot(page, f"{kind.name}-{look.name}")
    fits(page)
    axe(page)


@every_page
def test_it_needs_no_javascript(visit: Visit, kind: Kind) -> None:
    page = visit(kind.path, status=kind.status, javascript=False)
    expect(page.get_by_text(kind.shows).first).to_be_visible()
    expect(page.get_by_role("main")).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    assert page.title()
