"""The keys that tokens are signed with: a file that is made once, or a setting; and what is wrong with either."""

import errno
import os
import threading
from pathlib import Path

import pytest

from ocireg.auth import keys
from ocireg.config import Settings
from ocireg.errors import OperatorError
from tests.settings import settings_for

A, B, C = "a" * 32, "b" * 32, "c" * 40


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    (tmp_path / "data").mkdir()
    return settings_for(tmp_path)


def path_of(settings: Settings) -> Path:
    return settings.data / keys.FILE


def test_a_key_is_made_once_for_nobody_else_to_read(settings: Settings) -> None:
    keys.make(settings)
    made = keys.load(settings)
    keys.make(settings)
    assert keys.load(settings) == made
    assert len(made) == 1
    assert path_of(settings).stat().st_mode & 0o777 == 0o600
    assert list(settings.data.iterdir()) == [path_of(settings)]


def test_of_many_that_make_a_key_at_once_all_have_the_same(settings: Settings) -> None:
    found: list[tuple[str, ...]] = []
    together = threading.Barrier(8)

    def make() -> None:
        together.wait()
        keys.make(settings)
        found.append(keys.load(settings))

    threads = [threading.Thread(target=make) for _ in range(8)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert len(found) == 8
    assert len(set(found)) == 1


def test_a_rotation_adds_a_key_that_signs_and_keeps_the_one_before(settings: Settings) -> None:
    keys.make(settings)
    (first,) = keys.load(settings)
    assert keys.rotate(settings) == 2
    _, second = keys.load(settings)
    assert keys.load(settings)[0] == first
    assert keys.rotate(settings) == 2
    assert keys.load(settings)[0] == second
    assert path_of(settings).stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("text", "found"),
    [(A, (A,)), (f"{A},{B}", (A, B)), (f"{A}, {B},\n{C}", (A, B, C))],
)
def test_keys_of_the_setting_stand_the_oldest_first(tmp_path: Path, text: str, found: tuple[str, ...]) -> None:
    settings = settings_for(tmp_path, secret_key=text)
    assert keys.load(settings) == found
    keys.make(settings)
    assert not path_of(settings).exists()


@pytest.mark.parametrize("text", ["short", "a" * 31, f"{A},short", ","])
def test_keys_that_could_be_guessed_are_refused_and_not_shown(tmp_path: Path, text: str) -> None:
    with pytest.raises(OperatorError, match="secret_key: wanted keys of at least 32 characters") as refused:
        keys.load(settings_for(tmp_path, secret_key=text))
    assert text not in str(refused.value) or text == ","


@pytest.mark.parametrize("content", [b"", b"\n", b"short\n", b"\xff" * 40])
def test_a_file_that_holds_no_key_is_refused(settings: Settings, content: bytes) -> None:
    path_of(settings).write_bytes(content)
    with pytest.raises(OperatorError, match=keys.FILE):
        keys.load(settings)
    keys.make(settings)
    assert path_of(settings).read_bytes() == content, "what is there is the operator's"


def test_a_file_that_is_missing_says_how_one_is_made(settings: Settings) -> None:
    with pytest.raises(OperatorError, match="ocireg init makes one"):
        keys.load(settings)


def test_keys_of_the_setting_are_rotated_there(tmp_path: Path) -> None:
    with pytest.raises(OperatorError, match="add the new one there"):
        keys.rotate(settings_for(tmp_path, secret_key=A))


def test_a_rotation_that_fails_leaves_the_keys_as_they_were(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    keys.make(settings)
    before = keys.load(settings)

    def full(_descriptor: int) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OperatorError, match="No space left on device"):
        keys.rotate(settings)
    assert keys.load(settings) == before
    assert list(settings.data.iterdir()) == [path_of(settings)]


def test_a_fingerprint_tells_keys_apart_and_nothing_of_them() -> None:
    assert keys.fingerprint(A) == keys.fingerprint(A) != keys.fingerprint(B)
    assert len(keys.fingerprint(C)) == 16
    assert A[:8] not in keys.fingerprint(A)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away: run it as root")
def test_a_rotation_by_root_leaves_the_file_to_the_user_that_serves(settings: Settings) -> None:
    keys.make(settings)
    path = settings.data / keys.FILE
    os.chown(path, 4321, 4322)
    keys.rotate(settings)
    found = path.stat()
    assert (found.st_uid, found.st_gid, found.st_mode & 0o777) == (4321, 4322, 0o600)
