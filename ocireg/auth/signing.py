"""Tokens of ours: signed values, one salt a kind, so that none can be shown as another.

They are opaque to clients. What they carry is who logged in and how (a reference that is looked up again whenever
access changes) and what was asked for; never a right by itself.
"""

import hashlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from itsdangerous import BadData, URLSafeSerializer

LONGEST = 8000
"""Characters of a token: what fits into a header."""

Reference = tuple[Any, ...]
"""What a login is found by again: its kind and what tells it from others. JSON."""

_ACCESS, _REFRESH, _TEMPORARY = "access", "refresh", "temporary"


@dataclass(frozen=True, slots=True)
class Access:
    """What an access token says: whose it is, and the actions it was given for, by repository name."""

    reference: Reference
    granted: Mapping[str, frozenset[str]]
    catalog: bool


class Signer:
    """Signs with the last of ``keys``, and believes all of them. Times are seconds since the epoch, UTC."""

    def __init__(self, keys: Sequence[str]) -> None:
        self._serializers = {kind: _serializer(keys, kind) for kind in (_ACCESS, _REFRESH, _TEMPORARY)}

    def access(self, access: Access, expires_at: float) -> str:
        """Return an access token."""
        granted = {name: ",".join(sorted(actions)) for name, actions in access.granted.items()}
        return self._sign(_ACCESS, {"r": access.reference, "g": granted, "c": access.catalog, "e": int(expires_at)})

    def read_access(self, token: str) -> Access | None:
        """Return what an access token says; None of what is none, or has expired."""
        found = self._read(_ACCESS, token)
        if found is None:
            return None
        granted = {name: frozenset(actions.split(",")) for name, actions in found["g"].items()}
        return Access(reference_of(found["r"]), granted, bool(found["c"]))

    def refresh(self, reference: Reference, expires_at: float) -> str:
        """Return a refresh token."""
        return self._sign(_REFRESH, {"r": reference, "e": int(expires_at)})

    def read_refresh(self, token: str) -> Reference | None:
        """Return whose refresh token it is; None of what is none, or has expired."""
        found = self._read(_REFRESH, token)
        return reference_of(found["r"]) if found else None

    def temporary(self, reference: Reference, expires_at: float) -> str:
        """Return a temporary token, without its prefix."""
        return self._sign(_TEMPORARY, {"r": reference, "e": int(expires_at)})

    def read_temporary(self, token: str) -> Reference | None:
        """Return whose temporary token it is; None of what is none, or has expired."""
        found = self._read(_TEMPORARY, token)
        return reference_of(found["r"]) if found else None

    def _sign(self, kind: str, value: Mapping[str, Any]) -> str:
        return str(self._serializers[kind].dumps(value))

    def _read(self, kind: str, token: str) -> dict[str, Any] | None:
        if len(token) > LONGEST:
            return None
        try:
            found: dict[str, Any] = self._serializers[kind].loads(token)
        except BadData:
            return None
        return found if found["e"] > time.time() else None


def _serializer(keys: Sequence[str], kind: str) -> URLSafeSerializer:
    signing = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    return URLSafeSerializer(list(keys), salt=f"ocireg {kind} token", signer_kwargs=signing)


def reference_of(written: Any) -> Any:
    """Return a reference, of what JSON has made of one."""
    return tuple(map(reference_of, written)) if isinstance(written, list) else written
