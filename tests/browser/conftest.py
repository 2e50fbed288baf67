"""One browser and one installation for all tests of the pages; a window of its own for each visit.

Each worker of the tests has its own. Who is to be signed in signs in once, by the form; each window of theirs begins
with the cookies of that.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, StorageState

from tests.browser.chromium import chromium
from tests.browser.installation import PASSWORD, Installation, bare, filled, serving
from tests.browser.visitor import Visitor

Cookies = Callable[[str, str], StorageState | None]
"""Takes an address and a name, "" of nobody."""
NewVisitor = Callable[..., Visitor]
"""Takes whose window it is, "" of nobody; ``at``, which installation; and what ``Visitor`` takes, by name."""
Visit = Callable[..., Page]
"""Takes a path, ``status``, and what ``NewVisitor`` takes."""


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs Chromium."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """A Chromium."""
    with chromium() as running:
        yield running


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that is full; what a test changes there, it makes first, under a name of its own."""
    with serving(tmp_path_factory.mktemp("installation")) as server:
        yield filled(server)


@pytest.fixture(scope="session")
def new_one(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation in which nothing has been done yet."""
    with bare(tmp_path_factory.mktemp("bare")) as server:
        yield Installation(server, {})


@pytest.fixture(scope="session")
def read_only(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """An installation that serves what is there, and changes nothing."""
    with serving(tmp_path_factory.mktemp("read-only"), read_only="true") as server:
        yield Installation(server, {})


@pytest.fixture(scope="session")
def cookies(browser: Browser) -> Cookies:
    """Returns the cookies of who has signed in; none of nobody."""

    @cache
    def of(url: str, who: str) -> StorageState | None:
        if not who:
            return None
        with Visitor(browser, url) as visitor:
            visitor.sign_in(who, PASSWORD)
            return visitor.cookies()

    return of


@pytest.fixture
def visitor(browser: Browser, cookies: Cookies, request: pytest.FixtureRequest) -> Iterator[NewVisitor]:
    """Makes people with windows of their own, whom nothing may have gone wrong for when the test ends."""
    with ExitStack() as stack:

        def new(who: str = "", at: str = "installation", **more: Any) -> Visitor:
            url = request.getfixturevalue(at).url
            return stack.enter_context(Visitor(browser, url, cookies=cookies(url, who), **more))

        yield new


@pytest.fixture
def visit(visitor: NewVisitor) -> Visit:
    """Opens a page in a new window, fails if anything goes wrong on it, and returns it."""

    def one(path: str, status: int = 200, **more: Any) -> Page:
        return visitor(**more).visit(path, status)

    return one
