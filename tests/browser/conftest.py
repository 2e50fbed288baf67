"""One browser and one installation for all tests of the pages; a window of its own for each visit."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import chromium
from tests.browser.installation import Installation, filled, serving
from tests.browser.visitor import Visitor

NewVisitor = Callable[..., Visitor]
"""Takes what ``Visitor`` takes, by name."""
Visit = Callable[..., Page]
"""Takes a path, ``status``, and what ``Visitor`` takes, by name."""


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


@pytest.fixture
def visitor(browser: Browser, installation: Installation) -> Iterator[NewVisitor]:
    """Makes people with windows of their own, whom nothing may have gone wrong for when the test ends."""
    with ExitStack() as stack:

        def new(**more: Any) -> Visitor:
            return stack.enter_context(Visitor(browser, installation.url, **more))

        yield new


@pytest.fixture
def visit(visitor: NewVisitor) -> Visit:
    """Opens a page in a new window, fails if anything goes wrong on it, and returns it."""

    def one(path: str, status: int = 200, **more: Any) -> Page:
        return visitor(**more).visit(path, status)

    return one
