"""Passwords: hashed by Argon2id, few at a time."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from ocireg.errors import TOO_MANY_REQUESTS, RegistryError

SHORTEST, LONGEST = 10, 256
"""Characters."""

AT_ONCE = 2
"""Hashes under way in a process: each takes 19 MiB and a core for some 30 ms."""

PATIENCE = 10.0
"""Seconds that a login waits for its turn."""

# RFC 9106 section 4 asks for more memory than a small machine has; these are the least that OWASP recommends.
_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_TURN = BoundedSemaphore(AT_ONCE)
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
    """Return the hash to keep."""
    with _turn():
        return _HASHER.hash(password)


def fits(password: str, kept: str | None) -> bool:
    """Say whether a password is the one that ``kept`` is the hash of; None is nobody's, and takes as long.

    TOOMANYREQUESTS when too many are being compared.
    """
    if len(password) > LONGEST:
        return False
    with _turn():
        try:
            return _HASHER.verify(kept or _NOBODY, password) and kept is not None
        except (VerificationError, InvalidHashError, UnicodeEncodeError):
            return False


@contextmanager
def _turn() -> Iterator[None]:
    """Wait for one of the places. TOOMANYREQUESTS when that takes too long."""
    if not _TURN.acquire(timeout=PATIENCE):
        raise RegistryError(TOO_MANY_REQUESTS, "too many logins at once; try again", headers={"Retry-After": "5"})
    try:
        yield
    finally:
        _TURN.release()
