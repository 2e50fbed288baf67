"""Passwords: what fits, what can be chosen, and that few are hashed at a time."""

import threading

import argon2
import pytest

from ocireg.auth import passwords
from ocireg.errors import RegistryError

KEPT = "$argon2id$v=19$m=19456,t=2,p=1$7RJPD9yP1TIgyty9FMIWng$Z/rEDVAWs1SKovyejZI4FnKgWo6hc1H7wdPX7XehyKo"
"""The hash of ``correct horse``."""


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
    assert passwords.fits("correct horse", again)


def test_a_name_that_nobody_has_costs_what_a_wrong_password_does() -> None:
    """The hash of nobody has the parameters of everybody's: what is compared with it takes as long."""
    assert argon2.extract_parameters(passwords._NOBODY) == argon2.extract_parameters(KEPT)  # noqa: SLF001 - the point


def test_no_more_are_hashed_at_once_than_memory_is_for(monkeypatch: pytest.MonkeyPatch) -> None:
    busy, most, lock = 0, 0, threading.Lock()
    real = passwords._HASHER  # noqa: SLF001 - it is watched

    class Watched:
        def verify(self, kept: str, password: str) -> bool:
            nonlocal busy, most
            with lock:
                busy += 1
                most = max(most, busy)
            try:
                return real.verify(kept, password)
            finally:
                with lock:
                    busy -= 1

    monkeypatch.setattr(passwords, "_HASHER", Watched())
    threads = [threading.Thread(target=passwords.fits, args=("correct horse", KEPT)) for _ in range(12)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert most == passwords.AT_ONCE


def test_who_waits_too_long_for_a_turn_is_told_to_come_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(passwords, "PATIENCE", 0.01)
    turns = [passwords._turn() for _ in range(passwords.AT_ONCE)]  # noqa: SLF001 - all are taken
    for one in turns:
        one.__enter__()
    try:
        with pytest.raises(RegistryError) as refused:
            passwords.fits("correct horse", KEPT)
    finally:
        for one in turns:
            one.__exit__(None, None, None)
    assert refused.value.error.status == 429
    assert refused.value.headers["Retry-After"] == "5"
    assert passwords.fits("correct horse", KEPT)
