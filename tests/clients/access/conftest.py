"""What the tests of access push."""

import pytest

from tests.clients import images


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> images.Layout:
    """Small images to push."""
    return images.make(tmp_path_factory.mktemp("small") / "layout", layers=2)
