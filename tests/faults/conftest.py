"""Where the registries of these tests keep their blobs."""

from collections.abc import Iterator

import pytest

from tests.stores import homes
from tests.stores.served import s3_credentials


@pytest.fixture(
    params=[
        "folder",
        pytest.param("s3", marks=pytest.mark.faults),
        pytest.param("gcs", marks=pytest.mark.faults),
    ]
)
def home(request: pytest.FixtureRequest) -> Iterator[homes.Home]:
    """A folder, S3, or Cloud Storage."""
    if request.param == "folder":
        yield homes.folder()
    elif request.param == "s3":
        with s3_credentials():
            yield homes.s3(request.getfixturevalue("seaweedfs"))
    else:
        yield homes.gcs(request.getfixturevalue("fake_gcs"))
