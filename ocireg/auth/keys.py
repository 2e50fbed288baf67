"""The keys that tokens are signed with: a list, the oldest first; the last one signs, all of them verify.

They are the setting ``secret_key``, or a file in the data folder that is made when it is first needed. The file can
be changed while the service runs (``ocireg key rotate``): every process reads it again when access changes.
"""

import hashlib
import os
import secrets
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from ocireg.config import Settings
from ocireg.errors import OperatorError

FILE = "secret.key"
SHORTEST = 32
"""Characters of a key."""
KEPT = 2
"""Keys that are left by a rotation: the new one, and the one that signed what is still in use."""


def load(settings: Settings) -> tuple[str, ...]:
    """Return the keys. ``OperatorError`` where there are none, or one is too short."""
    if settings.secret_key:
        return _checked(settings.secret_key.replace(",", " ").split(), "secret_key")
    path = settings.data / FILE
    try:
        return _checked(path.read_text(encoding="ascii").split(), str(path))
    except FileNotFoundError:
        raise OperatorError(f"there is no {path}: ocireg init makes one, or set OCIREG_SECRET_KEY") from None
    except (OSError, UnicodeDecodeError) as error:
        raise OperatorError(f"cannot read {path}: {error}") from error


def make(settings: Settings) -> None:
    """Make the file where there is none and no key is set. Whoever comes first makes it."""
    path = settings.data / FILE
    if settings.secret_key or path.exists():
        return
    with suppress(FileExistsError):
        _write(path, [secrets.token_hex(32)], replace=False)


def rotate(settings: Settings) -> int:
    """Add a new key that signs from now on; return how many keys there are. ``OperatorError``."""
    if settings.secret_key:
        raise OperatorError("the keys are set by secret_key: add the new one there, behind the others")
    kept = [*load(settings), secrets.token_hex(32)][-KEPT:]
    _write(settings.data / FILE, kept, replace=True)
    return len(kept)


def fingerprint(key: str) -> str:
    """Return what a key can be told by, that says nothing of it."""
    return hashlib.sha256(b"ocireg key fingerprint " + key.encode()).hexdigest()[:16]


def _checked(keys: Sequence[str], whence: str) -> tuple[str, ...]:
    if not keys or any(len(one) < SHORTEST for one in keys):
        raise OperatorError(f"{whence}: wanted keys of at least {SHORTEST} characters, the oldest first")
    return tuple(keys)


def _write(path: Path, keys: Sequence[str], *, replace: bool) -> None:
    """Write beside, on disk, then give it its name: nobody sees half of it, and a name is taken once."""
    new = path.with_name(f"{FILE}.{secrets.token_hex(6)}")
    try:
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="ascii") as file:
            file.write("\n".join(keys) + "\n")
            file.flush()
            os.fsync(file.fileno())
            if replace:  # whoever rotates as root must not take the file away from the user that serves
                before = path.stat()
                if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
                    os.fchown(file.fileno(), before.st_uid, before.st_gid)
        if replace:
            new.rename(path)
        else:
            os.link(new, path)
    except FileExistsError:
        raise
    except OSError as error:
        raise OperatorError(f"cannot write {path}: {error.strerror}") from error
    finally:
        new.unlink(missing_ok=True)
