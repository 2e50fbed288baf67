"""What the tests of access push."""

import os

import pytest

from tests.clients import images


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> images.Layout:
    """Small images to push.

    They share no layer with those of other tests: podman and buildah compress anew, and whoever uses their cache, as
    skopeo does, mounts what they have made in place of what it was to copy.
    """
    return images.make(tmp_path_factory.mktemp("small") / "layout", layers=2, noise=os.urandom(5000))
