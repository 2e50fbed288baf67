"""The driver for local folders."""

import errno
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from backends import Backend, Session, load, local_upload
from backends.errors import Misconfigured, NoSpace, NotFound, SessionBusy, SessionLost, Unavailable
from backends.testing import DATA, KEY, SUCCESSOR, BackendContract, contested


@pytest.fixture
def backend(tmp_path: Path) -> Backend:
    return load(f"file:{tmp_path / 'store'}")


class TestLocal(BackendContract):
    """The contract."""

    @pytest.fixture
    def backend(self, tmp_path: Path) -> Backend:
        self.root = tmp_path / "store"
        return load(f"file:{self.root}")

    def elsewhere(self, backend: Backend) -> Backend:
        del backend
        return load(f"file:{self.root}")

    def address(self, backend: Backend) -> str:
        del backend
        return f"file:{self.root}"

    def put_many(self, backend: Backend, keys: list[str]) -> None:
        """Make files without synchronising each: 10,000 times would take minutes on some disks."""
        backend.put(keys[0], b"")
        for key in keys[1:]:
            path = self.root / "objects" / key
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()


def files(root: Path) -> list[str]:
    return sorted(str(one.relative_to(root)) for one in root.rglob("*") if one.is_file())


def test_an_object_is_a_file_under_its_key(backend: Backend, tmp_path: Path) -> None:
    backend.put(KEY, DATA)
    assert files(tmp_path / "store") == [f"objects/{KEY}"]
    assert (tmp_path / "store" / "objects" / KEY).read_bytes() == DATA


def test_bytes_past_what_was_acknowledged_are_not_kept(backend: Backend, tmp_path: Path) -> None:
    session = backend.append(backend.begin(KEY), [DATA])
    (file,) = (tmp_path / "store" / "uploads").iterdir()
    with file.open("ab") as stream:
        stream.write(b"what a dying writer left")
    backend.commit(backend.append(session, []))
    with backend.open(KEY) as reader:
        assert reader.read() == DATA


@pytest.mark.parametrize("left", [0, 1, len(DATA) - 1])
def test_an_upload_whose_tail_was_lost_is_lost(backend: Backend, tmp_path: Path, left: int) -> None:
    session = backend.append(backend.begin(KEY), [DATA])
    (file,) = (tmp_path / "store" / "uploads").iterdir()
    os.truncate(file, left)
    with pytest.raises(SessionLost):
        backend.append(session, [b"more"])
    with pytest.raises(SessionLost):
        backend.commit(session)
    assert list(backend.scan()) == []


def test_an_upload_of_another_boot_is_lost(backend: Backend, monkeypatch: pytest.MonkeyPatch) -> None:
    session = backend.append(backend.begin(KEY), [DATA])
    monkeypatch.setattr(local_upload, "boot_id", lambda: "another-boot")
    with pytest.raises(SessionLost):
        backend.append(session, [])
    with pytest.raises(SessionLost):
        backend.commit(session)
    backend.abort(session)
    assert list(backend.scan_uploads()) == []


_STOPPED = """
import os, signal, sys
from backends import Session, load
backend = load(sys.argv[1])
def chunks():
    yield b"from the stopped writer "
    print("stopping", flush=True)
    os.kill(os.getpid(), signal.SIGSTOP)
    yield b"and after it was woken"
session = backend.append(Session.load(sys.argv[2]), chunks())
backend.commit(session)
print(session.key, flush=True)
"""


def test_a_writer_stopped_in_append_and_woken_after_its_successor_committed_changes_nothing(
    backend: Backend, tmp_path: Path
) -> None:
    session = backend.append(backend.begin(KEY), [DATA[:100]])
    command = [sys.executable, "-c", _STOPPED, f"file:{tmp_path / 'store'}", session.dump()]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as stopped:
        assert stopped.stdout is not None
        assert stopped.stdout.readline() == "stopping\n"
        os.waitpid(stopped.pid, os.WUNTRACED)
        try:
            with pytest.raises(SessionBusy):
                backend.append(session, [b"by who does not know of the former one"])
            successor = backend.append(contested(session), [b"from the successor"])
            backend.commit(successor)
        finally:
            os.kill(stopped.pid, signal.SIGCONT)
        woken = stopped.stdout.readline().strip()
    assert stopped.returncode == 0
    with backend.open(successor.key) as reader:
        assert reader.read() == DATA[:100] + b"from the successor"
    assert (successor.key, woken) == (SUCCESSOR, KEY)


def test_a_writer_stopped_before_commit_cannot_publish_its_successors_bytes(backend: Backend) -> None:
    session = backend.append(backend.begin(KEY), [DATA[:100]])
    mine = backend.append(session, [b"first"])
    theirs = backend.append(session, [b"other"])
    with pytest.raises(SessionLost):
        backend.commit(mine)
    assert list(backend.scan()) == []
    backend.commit(theirs)
    with backend.open(KEY) as reader:
        assert reader.read() == DATA[:100] + b"other"


def test_a_file_that_became_shorter_is_not_read_in_silence(backend: Backend, tmp_path: Path) -> None:
    backend.put(KEY, DATA)
    with backend.open(KEY) as reader:
        os.truncate(tmp_path / "store" / "objects" / KEY, 10)
        assert reader.read(10) == DATA[:10]
        with pytest.raises(Unavailable):
            reader.read(1)


@pytest.mark.parametrize(
    ("number", "wanted"), [(errno.ENOSPC, NoSpace), (errno.EDQUOT, NoSpace), (errno.EIO, Unavailable)]
)
def test_a_disk_that_fails_leaves_nothing_visible(
    backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, wanted: type[Exception]
) -> None:
    session = backend.append(backend.begin(KEY), [DATA])

    def fail(_descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", fail)
        with pytest.raises(wanted):
            backend.put("manifests/aa/b", DATA)
        with pytest.raises(wanted):
            backend.commit(session)
    assert files(tmp_path / "store") == []
    with pytest.raises(SessionLost):
        backend.commit(session)


def test_a_link_under_the_root_is_not_followed(backend: Backend, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    (tmp_path / "store" / "objects" / "link").symlink_to(secret)
    with pytest.raises((NotFound, Unavailable)):
        backend.open("link")
    with pytest.raises(NotFound):
        backend.stat("link")
    (tmp_path / "store" / "objects" / "link").unlink()


@pytest.mark.parametrize("url", ["file:", "file:/proc/nowhere/at/all", "file:/dev/null/x"])
def test_a_folder_that_cannot_be_is_said_in_one_line(url: str) -> None:
    with pytest.raises(Misconfigured) as caught:
        load(url)
    assert "\n" not in str(caught.value)


def test_a_session_names_no_file_but_its_own(backend: Backend) -> None:
    session = backend.begin(KEY)
    for name in ("../../etc/passwd", "other~1", 5, None):
        with pytest.raises(SessionLost):
            backend.append(Session(KEY, 0, {**session.state, "file": name}), [b"x"])


def names(backend: Backend) -> tuple[list[str], list[str]]:
    """Return the keys of the objects, and those of the uploads."""
    return [one.key for one in backend.scan()], sorted(one.session.key for one in backend.scan_uploads())


STRANGERS = [
    "objects/blobs/ab/.nfs0001",
    "objects/.snapshot/hourly/x",
    "objects/blobs/ab/Upper",
    "objects/blobs/" + "a" * 201,
    "objects/with space/x",
    "uploads/Bad~x",
    "uploads/.nfs~1",
    "uploads/no-tilde",
    "uploads/~x",
    "uploads/folder~x/file",
]


@pytest.mark.parametrize("stranger", STRANGERS)
def test_a_file_that_is_none_of_ours_is_left_alone_and_said_once(
    backend: Backend, tmp_path: Path, caplog: pytest.LogCaptureFixture, stranger: str
) -> None:
    backend.put("blobs/ab/first", DATA)
    backend.put("z", DATA)
    backend.begin("blobs/ab/upload")
    path = tmp_path / "store" / stranger
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"strange")
    for _ in range(3):
        assert names(backend) == (["blobs/ab/first", "z"], ["blobs/ab/upload"])
        assert [one.key for one in backend.scan("blobs/ab/")] == ["blobs/ab/first"]
    assert len(caplog.records) == (0 if stranger.startswith("uploads/folder") else 1)
    assert path.read_bytes() == b"strange"


_KILLED_AT_ITS_FIRST_UNLINK = """
import os, sys
from backends import load
sys.addaudithook(lambda event, _: os._exit(9) if event == "os.remove" else None)
load(sys.argv[1])
"""


def test_a_trial_at_the_start_that_is_killed_leaves_nothing(tmp_path: Path) -> None:
    url = f"file:{tmp_path / 'store'}"
    subprocess.run([sys.executable, "-c", _KILLED_AT_ITS_FIRST_UNLINK, url], check=False)
    assert files(tmp_path / "store") == []


def synchronised(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Return a list that gets every folder that is synchronised from now on."""
    done: list[Path] = []
    fsync = os.fsync

    def note(descriptor: int) -> None:
        done.append(Path(f"/proc/self/fd/{descriptor}").readlink())
        fsync(descriptor)

    monkeypatch.setattr(os, "fsync", note)
    return done


def test_a_folder_that_another_process_made_is_not_taken_for_synchronised(
    backend: Backend, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    objects = tmp_path / "store" / "objects"
    (objects / "blobs" / "ab").mkdir(parents=True)  # and died before it could synchronise
    done = synchronised(monkeypatch)
    backend.put("blobs/ab/first", DATA)
    assert {objects, objects / "blobs", objects / "blobs" / "ab"} <= set(done)
    done.clear()
    backend.put("blobs/ab/second", DATA)
    assert [one for one in done if one.is_dir()] == [objects / "blobs" / "ab"]
    (objects / "blobs" / "ab" / "first").unlink()
    (objects / "blobs" / "ab" / "second").unlink()
    (objects / "blobs" / "ab").rmdir()
    done.clear()
    backend.put("blobs/ab/third", DATA)
    assert objects / "blobs" in done
