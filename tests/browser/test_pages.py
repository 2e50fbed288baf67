"""What holds of every page.

A page is opened once with scripts and looked at in all looks, which change beneath it: that takes a third of the time
of four visits, and what is laid out by styles alone is laid out the same. axe-core examines what the looks differ in:
the colours where it is wide, and what is there where it is narrow; the fourth look has nothing that these have not.
"""

import pytest
from playwright.sync_api import expect

from tests.browser.axe import axe
from tests.browser.conftest import Regular
from tests.browser.harmless import harmless
from tests.browser.installation import Installation
from tests.browser.kinds import Kind
from tests.browser.layout import fits
from tests.browser.looks import LOOKS, NARROW, Look
from tests.browser.pages import PAGES
from tests.browser.screenshots import screenshot
from tests.browser.visitor import Visitor

every_page = pytest.mark.parametrize("kind", PAGES, ids=lambda kind: kind.name)


def opened(regular: Regular, kind: Kind, installation: Installation, *, javascript: bool = True) -> Visitor:
    """Open a page in the window of who looks at it, and do there what is to be done."""
    found = regular(kind.who, kind.at, javascript)
    found.visit(kind.address(installation.digests), kind.status)
    if kind.does:
        kind.does(found)
    expect(found.page.get_by_text(kind.shows).filter(visible=True).first).to_be_visible()
    found.check()
    return found


@every_page
def test_it_can_be_seen_whole_and_used_by_everybody(regular: Regular, installation: Installation, kind: Kind) -> None:
    found = opened(regular, kind, installation)
    harmless(found.page)
    for look in LOOKS:
        found.see(look)
        screenshot(found.page, f"{kind.name}-{look.name}")
        fits(found.page)
        if look != Look("dark", NARROW):
            axe(found.page)


@every_page
def test_it_needs_no_javascript(regular: Regular, installation: Installation, kind: Kind) -> None:
    page = opened(regular, kind, installation, javascript=False).page
    expect(page.get_by_role("main")).to_have_count(1)
    expect(page.get_by_role("heading", level=1)).to_have_count(1)
    assert page.title()
