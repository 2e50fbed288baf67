"""Disks that fill up or fail: a clear 5xx, no row, nothing lost; and a loss of power in the middle of an upload."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
import requests

from ocireg.oci.digest import Digest
from ocireg.oci.media_types import OCI_MANIFEST
from tests.faults import pusher
from tests.faults.wire import until
from tests.server import Server

pytestmark = pytest.mark.faults

SMALL = b"small" * 1000
DIGEST = Digest.of(SMALL)


def post(server: Server, content: bytes) -> requests.Response:
    return requests.post(f"{server.url}/v2/a/b/blobs/uploads/?digest={Digest.of(content)}", data=content, timeout=60)


def code(answer: requests.Response) -> str:
    found: str = answer.json()["errors"][0]["code"]
    return found


@pytest.fixture
def tiny(tmp_path: Path) -> Iterator[Path]:
    """Mount a disk of 8 MB."""
    if os.geteuid() != 0:
        if os.environ.get("CI"):
            pytest.fail("a small disk needs root")
        pytest.skip("a small disk needs root")
    folder = tmp_path / "tiny"
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)], check=True)
    yield folder
    subprocess.run(["umount", "-l", str(folder)], check=True)


@pytest.mark.faults
def test_a_full_disk_refuses_what_does_not_fit_and_loses_nothing(tmp_path: Path, tiny: Path) -> None:
    with Server(tmp_path, storage=f"file:{tiny}", workers=1) as server:
        assert post(server, SMALL).status_code == 201
        for how in ("post", "patch"):
            big = os.urandom(9_000_000)
            if how == "post":
                answer = post(server, big)
            else:
                location = requests.post(f"{server.url}/v2/a/b/blobs/uploads/", timeout=30).headers["Location"]
                answer = requests.patch(server.url + location, data=big, timeout=60)
                assert requests.get(server.url + location, timeout=30).headers["Range"] == "0-0"
                requests.delete(server.url + location, timeout=30)
            assert (answer.status_code, code(answer)) == (507, "UNAVAILABLE")
            assert requests.head(f"{server.url}/v2/a/b/blobs/{Digest.of(big)}", timeout=30).status_code == 404
        assert requests.get(f"{server.url}/v2/a/b/blobs/{DIGEST}", timeout=30).content == SMALL
        assert post(server, b"still fits").status_code == 201


def test_below_the_low_water_mark_pushes_are_refused_and_pulls_and_deletes_go_on(tmp_path: Path) -> None:
    server = Server(tmp_path, workers=1)
    image = pusher.Image.of(SMALL)
    with server:
        pusher.push(server, "a/b", image, 10_000)
        location = requests.post(f"{server.url}/v2/a/b/blobs/uploads/", timeout=30).headers["Location"]
    server.settings["low_water"] = shutil.disk_usage(tmp_path).total
    with server:
        for answer in (
            post(server, b"another"),
            requests.post(f"{server.url}/v2/a/b/blobs/uploads/", timeout=30),
            requests.patch(server.url + location, data=b"x", timeout=30),
            requests.put(f"{server.url}/v2/a/b/manifests/v2", data=image.manifest, timeout=30),
        ):
            assert (answer.status_code, code(answer)) == (507, "UNAVAILABLE")
            assert "nearly full" in answer.text
        pusher.check(server, "a/b", image)
        assert requests.delete(f"{server.url}/v2/a/b/manifests/v1", timeout=30).status_code == 202
        log = server.log.read_text()
        assert log.count("[ERROR]") == 4  # one line for each push that was refused
        assert "Traceback" not in log


@pytest.mark.faults
def test_on_a_disk_without_a_byte_left_errors_say_so_and_gc_makes_room(tmp_path: Path, tiny: Path) -> None:
    server = Server(tmp_path, workers=1, sweep_interval="1h")
    server.data = server.settings["data"] = tiny / "data"
    with server:
        for content in (SMALL, b"x" * 2_000_000):
            assert post(server, content).status_code == 201
        gone = f"{server.url}/v2/a/b/blobs/{Digest.of(b'x' * 2_000_000)}"
        assert requests.delete(gone, timeout=30).status_code == 202
        fill(tiny / "first")
        for answer in (
            post(server, b"another"),
            requests.post(f"{server.url}/v2/a/b/blobs/uploads/", timeout=30),
            requests.delete(f"{server.url}/v2/a/b/blobs/{DIGEST}", timeout=30),
        ):
            assert (answer.status_code, code(answer)) == (507, "UNAVAILABLE")
            assert "is full" in answer.text
        assert requests.get(f"{server.url}/v2/a/b/blobs/{DIGEST}", timeout=30).content == SMALL
        assert requests.get(f"{server.url}/readyz", timeout=30).status_code == 200
        log = server.log.read_text()
        assert "Traceback" not in log
        assert "cannot rollback" not in log
        assert log.count("[ERROR]") == 3
        done = server.run("gc", "--grace", "0")
        assert (done.returncode, done.stderr) == (0, "")
        assert "removed 1 objects that had been deleted" in done.stdout
        assert post(server, b"another").status_code == 201
    fill(tiny / "second")
    for command in ("gc", "serve"):
        done = server.run(command)
        assert (done.returncode, done.stderr.count("\n")) == (2, 1)
        assert "is full: make room on it" in done.stderr
    subprocess.run(["mount", "-o", "remount,ro", str(tiny)], check=True)
    done = server.run("serve")
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
    assert f"cannot write in the folder {tiny}/data" in done.stderr


def fill(file: Path) -> None:
    """Leave nothing of a disk."""
    with file.open("wb", buffering=0) as full, suppress(OSError):
        while True:
            full.write(bytes(4096))


@pytest.mark.faults
def test_a_disk_that_fails_to_synchronise_gives_a_5xx_and_nothing_half(tmp_path: Path) -> None:
    """The n-th synchronisation of a push fails, for each n. One of them SQLite does not mind: that of its folder."""
    program = shutil.which("strace")
    if program is None:
        how = "strace is not installed: apt-get install strace"
        if os.environ.get("CI"):
            pytest.fail(how)
        pytest.skip(how)
    failures = []
    for when in range(1, 8):
        folder = tmp_path / str(when)
        folder.mkdir()
        failures.append(_push_while_synchronisation_fails(folder, program, when))
    assert set(failures) == {0, 1}
    assert failures.count(1) >= 4


def _push_while_synchronisation_fails(folder: Path, program: str, when: int) -> int:
    """Push while the ``when``-th synchronisation of each thread fails; return how many requests were told so."""
    image = pusher.Image.of(SMALL)
    with Server(folder, workers=1, threads=1) as server:
        (worker,) = server.wait_for_workers(1)
        inject = ["-e", "trace=fsync,fdatasync", "-e", f"inject=fsync,fdatasync:error=EIO:when={when}"]
        with subprocess.Popen([program, "-f", "-qq", "-o", "/dev/null", *inject, "-p", str(worker)]) as strace:
            until(lambda: "TracerPid:\t0" not in Path(f"/proc/{worker}/status").read_text())
            answers = [post(server, SMALL)]
            if answers[0].status_code == 201:
                url = f"{server.url}/v2/a/b/manifests/v1"
                answers.append(requests.put(url, image.manifest, headers={"Content-Type": OCI_MANIFEST}, timeout=30))
            strace.terminate()
        failed = [answer for answer in answers if answer.status_code != 201]
        assert [(answer.status_code, code(answer)) for answer in failed] == [(503, "UNAVAILABLE")] * len(failed)
        pusher.check_never_half(server, "a/b", image)
        pusher.push(server, "a/b", image, 3000)
        pusher.check(server, "a/b", image)
    return len(failed)


@pytest.mark.parametrize("loss", ["truncated", "emptied", "rebooted"])
def test_a_loss_of_power_loses_an_upload_and_never_makes_a_wrong_blob(tmp_path: Path, loss: str) -> None:
    server = Server(tmp_path, workers=1, upload_lease="1s")
    content = os.urandom(300_000)
    with server:
        location = requests.post(f"{server.url}/v2/a/b/blobs/uploads/", timeout=30).headers["Location"]
        assert requests.patch(server.url + location, data=content[:200_000], timeout=30).status_code == 202
    (file,) = (server.data / "storage" / "uploads").iterdir()
    if loss == "truncated":
        os.truncate(file, 100_000)
    elif loss == "emptied":
        times = file.stat()
        file.write_bytes(bytes(200_000))
        os.utime(file, ns=(times.st_atime_ns, times.st_mtime_ns))
    if loss != "truncated":
        server.module = "tests.faults.rebooted"
    with server:
        answer = requests.put(f"{server.url}{location}?digest={Digest.of(content)}", data=content[200_000:], timeout=30)
        assert (answer.status_code, code(answer)) == (404, "BLOB_UPLOAD_UNKNOWN")
        assert requests.head(f"{server.url}/v2/a/b/blobs/{Digest.of(content)}", timeout=30).status_code == 404
        image = pusher.Image.of(content)
        pusher.push(server, "a/b", image, 120_000)
        pusher.check(server, "a/b", image)
        server.clean_up()
        assert list((server.data / "storage" / "uploads").iterdir()) == []
