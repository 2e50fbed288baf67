"""Passwords: hashed by Argon2id, few at a time."""

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as FutureTimeout
from functools import partial
from typing import TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ocireg.errors import TOO_MANY_REQUESTS, RegistryError

SHORTEST, LONGEST = 10, 256
"""Characters."""

AT_ONCE = 2
"""Hashes under way in a process: each takes 19 MiB and a core for some 30 ms."""

PATIENCE = 10.0
"""Seconds that a login waits for its turn."""

T = TypeVar("T")

# RFC 9106 section 4 asks for more memory than a small machine has; these are the least that OWASP recommends.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_NOBODY = "$argon2id$v=19$m=19456,t=2,p=1$ROMDUU8nudqRikoAR0zy7g$QIIGo3jpgo1nfTt8o4AvDxTDLOwJ1+z8X89eTuXCYcI"
"""What a password is compared with where there is no such user: it takes as long, and never fits."""


def fault(password: str) -> str:
    """Return why a password cannot be chosen; "" if it can."""
    if len(password) < SHORTEST:
        return f"a password has at least {SHORTEST} characters"
    if len(password) > LONGEST:
        return f"a password has at most {LONGEST} characters"
    if any("\ud800" <= one <= "\udfff" for one in password):  # JSON can carry halves of characters
        return "the password has characters that cannot be written"
    return ""


def hashed(password: str) -> str:
    """Return the hash to keep. TOOMANYREQUESTS."""
    return _in_turn(partial(_HASHER.hash, password))


def fits(password: str, kept: str | None) -> bool:
    """Say whether a password is the one that ``kept`` is the hash of; None is nobody's, and takes as long.

    TOOMANYREQUESTS when too many are being compared.
    """
    if len(password) > LONGEST:
        return False
    try:
        return _in_turn(partial(_HASHER.verify, kept or _NOBODY, password)) and kept is not None
    except (VerificationError, InvalidHashError, UnicodeEncodeError):
        return False


def _in_turn(work: Callable[[], T]) -> T:
    """Let one of the few threads do it. TOOMANYREQUESTS when its turn does not come in time.

    On the threads of requests the C library would keep, for each of them, the memory that one hash had.
    """
    done = _threads.submit(work)
    try:
        return done.result(PATIENCE)
    except FutureTimeout:
        if not done.cancel():  # its turn has come
            return done.result()
        raise RegistryError(
            TOO_MANY_REQUESTS, "too many logins at once; try again", headers={"Retry-After": "5"}
        ) from None


def _begin_anew() -> None:
    """Have threads, which begin when they are needed: a forked process has none of its parent's."""
    global _threads  # noqa: PLW0603 - of the process
    _threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="password")


_threads: ThreadPoolExecutor
_begin_anew()
os.register_at_fork(after_in_child=_begin_anew)
