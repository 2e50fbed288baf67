"""Browsers for the pages of an installation."""

from collections.abc import Callable, Iterator

import pytest

from ocireg.metadata.audit import SYSTEM
from tests.web.api.conftest import pusher
from tests.web.installed import Api, peopled
from tests.web.pages.browser import Browser
from tests.web.pages.pushed import Pusher

Open = Callable[..., Browser]


@pytest.fixture
def browser(api: Api) -> Browser:
    """A browser of nobody's, at an installation of the test's own."""
    return Browser(api.app)


@pytest.fixture
def open_as(api: Api) -> Open:
    """Opens a browser and signs in ("" is nobody), at an installation of the test's own."""

    def opened(name: str = "") -> Browser:
        found = Browser(api.app)
        if name:
            found.sign_in(name)
        return found

    return opened


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """An installation with people for all tests of a module: they leave it as they found it, or do not mind."""
    made = peopled(Api(tmp_path_factory.mktemp("shared")))
    yield made
    made.close()


@pytest.fixture(scope="module")
def goods(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    """The registries goods (private) and open (public) of acme, hidden of eve's, and the root registry."""
    made = peopled(Api(tmp_path_factory.mktemp("goods")))
    registries = made.manager.registries
    made.manager.organizations.create(SYSTEM, "evil", admin="eve")
    for path, visibility in (("acme/goods", "private"), ("acme/open", "public"), ("evil/hidden", "private")):
        registries.create(SYSTEM, path, visibility=visibility)
    yield made
    made.close()


@pytest.fixture(scope="module")
def pushes(goods: Api) -> Pusher:
    """Whoever pushes to it."""
    return Pusher(pusher(goods))


@pytest.fixture(scope="module")
def bob(goods: Api) -> Browser:
    """A member of acme, who may pull."""
    browser = Browser(goods.app)
    browser.sign_in("bob")
    return browser


@pytest.fixture(scope="module")
def shared_as(shared: Api) -> Open:
    """Gives the browser of each at that installation, signed in once for all tests of a module ("" is nobody)."""
    known: dict[str, Browser] = {}

    def opened(name: str = "") -> Browser:
        if name not in known:
            known[name] = Browser(shared.app)
            if name:
                known[name].sign_in(name)
        return known[name]

    return opened
