"""One installation with everybody in it, for all tests of a module: they leave it as they found it."""

from collections.abc import Iterator

import pytest

from tests.auth.oidc.issuer import issuer
from tests.security.world import World, world


@pytest.fixture(scope="module", name="world")
def one_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """The installation."""
    with issuer() as someone, world(tmp_path_factory.mktemp("world"), someone) as made:
        yield made
