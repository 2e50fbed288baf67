"""Passwords: what fits, what can be chosen, and that few are hashed at a time."""

import subprocess
import sys
import threading
import time

import argon2
import pytest

from ocireg.auth import passwords
from ocireg.errors import RegistryError

KEPT = "$argon2id$v=19$m=19456,t=2,p=1$7RJPD9yP1TIgyty9FMIWng$Z/rEDVAWs1SKovyejZI4FnKgWo6hc1H7wdPX7XehyKo"
"""The hash of ``correct horse``."""

pytestmark = pytest.mark.usefixtures("shipped_passwords")


@pytest.mark.parametrize(
    ("password", "kept", "fits"),
    [
        ("correct horse", KEPT, True),
        ("correct hors", KEPT, False),
        ("correct horse ", KEPT, False),
        ("", KEPT, False),
        ("x" * (passwords.LONGEST + 1), KEPT, False),
        ("\ud800", KEPT, False),
        ("correct horse", None, False),
        ("nobody", None, False),
        ("correct horse", "", False),
        ("correct horse", "no hash", False),
        ("correct horse", KEPT[:-1], False),
        ("correct horse", KEPT.replace("argon2id", "argon2i"), False),
    ],
    ids=repr,
)
def test_a_password_fits_its_own_hash_alone(password: str, kept: str | None, fits: bool) -> None:
    assert passwords.fits(password, kept) is fits


@pytest.mark.parametrize(
    ("password", "fault"),
    [
        ("", "at least 10"),
        ("x" * 9, "at least 10"),
        ("x" * 10, ""),
        ("ä" * 256, ""),
        ("x" * 257, "at most 256"),
        ("ten of them\ud800", "cannot be written"),
    ],
)
def test_what_can_be_chosen_is_neither_short_nor_endless(password: str, fault: str) -> None:
    found = passwords.fault(password)
    assert fault in found
    assert bool(found) is bool(fault)


def test_two_hashes_of_one_password_differ_and_it_fits_both() -> None:
    again = passwords.hashed("correct horse")
    assert again != KEPT
    assert argon2.extract_parameters(again) == argon2.extract_parameters(KEPT)
    assert passwords.fits("correct horse", again)


def test_a_name_that_nobody_has_costs_what_a_wrong_password_does() -> None:
    """The hash of nobody has the parameters of everybody's: what is compared with it takes as long."""
    assert argon2.extract_parameters(passwords._NOBODY) == argon2.extract_parameters(KEPT)  # noqa: SLF001 - the point


class Watched:
    """Counts who compares at the same time, each for as long as it is told to."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.busy = self.most = 0
        self.lock = threading.Lock()
        self.open = threading.Event()
        self.real = passwords._HASHER  # noqa: SLF001 - it is watched
        monkeypatch.setattr(passwords, "_HASHER", self)

    def verify(self, kept: str, password: str) -> bool:
        with self.lock:
            self.busy += 1
            self.most = max(self.most, self.busy)
        self.open.wait(30)
        try:
            return self.real.verify(kept, password)
        finally:
            with self.lock:
                self.busy -= 1


def test_no_more_are_hashed_at_once_than_memory_is_for(monkeypatch: pytest.MonkeyPatch) -> None:
    watched, found = Watched(monkeypatch), []
    watched.open.set()
    threads = [threading.Thread(target=lambda: found.append(passwords.fits("correct horse", KEPT))) for _ in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert found == [True] * 12
    assert watched.most <= passwords.AT_ONCE


def test_who_waits_too_long_for_a_turn_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    watched, found = Watched(monkeypatch), []
    threads = [
        threading.Thread(target=lambda: found.append(passwords.fits("correct horse", KEPT)))
        for _ in range(passwords.AT_ONCE)
    ]
    for one in threads:
        one.start()
    until = time.monotonic() + 30
    while watched.busy < passwords.AT_ONCE:
        assert time.monotonic() < until
        time.sleep(0.001)
    monkeypatch.setattr(passwords, "PATIENCE", 0.01)
    with pytest.raises(RegistryError) as refused:
        passwords.fits("correct horse", KEPT)
    assert refused.value.error.status == 429
    assert refused.value.headers["Retry-After"] == "5"
    watched.open.set()
    for one in threads:
        one.join()
    assert found == [True] * passwords.AT_ONCE, "whose turn has come is not sent away"


def test_a_process_that_was_forked_compares_too() -> None:
    """The threads of its parent are not there."""
    assert passwords.fits("correct horse", KEPT)
    code = (
        "import os, sys\n"
        "from ocireg.auth import passwords\n"
        "kept = passwords.hashed('correct horse')\n"
        "child = os.fork()\n"
        "if not child:\n"
        "    os._exit(0 if passwords.fits('correct horse', kept) else 1)\n"
        "sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))\n"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False, timeout=60).returncode == 0
