"""What is wired, and what is said at the start."""

from pathlib import Path

import pytest

from ocireg.app import initialise
from tests.settings import settings_for
from tests.stores.gcs import GcsStore


@pytest.mark.parametrize(("threads", "said"), [(17, True), (16, False)])
def test_a_start_says_where_a_worker_takes_more_uploads_than_it_has_room_for(
    tmp_path: Path, fake_gcs: GcsStore, caplog: pytest.LogCaptureFixture, threads: int, *, said: bool
) -> None:
    storage = fake_gcs.url(fake_gcs.new_bucket())
    initialise(settings_for(tmp_path, storage=storage, storage_buffer="16MiB", upload_threads=threads))
    lines = [record.getMessage() for record in caplog.records if "uploads at once" in record.getMessage()]
    assert len(lines) == said
    assert all("has room for 16" in line and "OCIREG_UPLOAD_THREADS=16" in line for line in lines)
