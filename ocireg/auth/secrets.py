"""Secrets that we make: how they look, and what is kept of them.

They are random, so a fast hash is enough: nobody can guess what it is of. The prefix lets scanners of leaked secrets
find them.
"""

import hashlib
import re
import secrets

API_TOKEN = "ocireg_"  # noqa: S105 - a prefix
REGISTRY_TOKEN = "ocireg_registry_"  # noqa: S105 - likewise
TEMPORARY_TOKEN = "ocireg_temporary_"  # noqa: S105 - likewise

_BYTES = 24
LEAST = 20
"""Characters of the shortest secret that an operator may choose."""
_FIT = re.compile(r"[!-~]{20,255}")


def new(prefix: str) -> str:
    """Return a new secret."""
    return prefix + secrets.token_hex(_BYTES)


def digest(secret: str) -> str:
    """Return what is kept of a secret, and looked up."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def is_fit(secret: str) -> bool:
    """Say whether an operator may choose this one: long enough, and nothing that a header cannot carry."""
    return _FIT.fullmatch(secret) is not None
