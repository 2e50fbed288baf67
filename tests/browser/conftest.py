"""One browser and one installation for all tests of the pages.

Each worker of the tests has its own. Who is to be signed in signs in once, by the form; each window of theirs begins
with the cookies of that. What is of one page and changes nothing for the next is looked at by a regular, who stays in a
window: a new one takes Chromium five times as long as another page in it.
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
Regular = Callable[[str, str, bool], Visitor]
"""Takes whose window it is, at which installation, and whether it has JavaScript."""
WINDOWS = 6
"""That are kept open: each is a process of Chromium's."""


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


@pytest.fixture(scope="session")
def waiting(browser: Browser) -> Iterator[dict[tuple[str, str, bool], Visitor]]:  # noqa: ARG001 - closed after them
    """Regulars between two pages, whoever came last at the end; they go before the browser does."""
    found: dict[tuple[str, str, bool], Visitor] = {}
    yield found
    for one in found.values():
        one.close()


@pytest.fixture
def regular(
    browser: Browser,
    cookies: Cookies,
    waiting: dict[tuple[str, str, bool], Visitor],
    request: pytest.FixtureRequest,
) -> Iterator[Regular]:
    """Lets people come back to their windows, whom nothing may have gone wrong for when the test ends."""
    here: dict[tuple[str, str, bool], Visitor] = {}

    def come(who: str, at: str, javascript: bool) -> Visitor:
        key = (who, at, javascript)
        url = request.getfixturevalue(at).url
        found = waiting.pop(key, None) or Visitor(browser, url, javascript=javascript, cookies=cookies(url, who))
        here[key] = found
        found.begin_anew()
        return found

    yield come
    for key, one in here.items():
        try:
            one.check()
        except BaseException:
            one.close()
            raise
        waiting[key] = one
    while len(waiting) > WINDOWS:
        waiting.pop(next(iter(waiting))).close()


@pytest.fixture
def visit(visitor: NewVisitor) -> Visit:
    """Opens a page in a new window, fails if anything goes wrong on it, and returns it."""

    def one(path: str, status: int = 200, **more: Any) -> Page:
        return visitor(**more).visit(path, status)

    return one
