"""The diagnosis where the disk may be read and no more."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.doctor.examined import made
from tests.server import environment


@pytest.mark.faults
def test_a_folder_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root, to mount")
    made(tmp_path)
    data = tmp_path / "data"
    command = 'mount --bind "$0" "$0" && mount -o remount,bind,ro "$0" && exec "$1" -m ocireg doctor --data "$0"'
    done = subprocess.run(
        ["unshare", "-m", "sh", "-ec", command, str(data), sys.executable],
        env=environment(low_water=0),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    assert f"said: cannot write {data}: Read-only file system" in done.stdout
    assert f"said: cannot write {data}/storage: Read-only file system" in done.stdout
    assert "said: unable to open database file" in done.stdout  # SQLite reads a WAL through a file that it writes
    assert "put a backup" not in done.stdout
    assert "Traceback" not in done.stderr
