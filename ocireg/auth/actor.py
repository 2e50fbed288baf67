"""Who asks: what is known of somebody once the credential has been checked."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from types import MappingProxyType

from ocireg.auth.scopes import EVERY_SCOPE, PACKAGES, READ_PACKAGES, Level
from ocireg.config.networks import Networks


class Kind(StrEnum):
    """What sort of somebody."""

    ANONYMOUS = "anonymous"
    ANYBODY = "anybody"
    """Nobody in particular, where everything is open."""
    USER = "user"
    REGISTRY_TOKEN = "registry token"  # noqa: S105 - what it is called
    OIDC = "OIDC"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody, and all that says what they may do.

    ``id`` stays the same over logins: an upload belongs to it. ``name`` and ``credential`` are for people and the audit
    log. ``levels`` are by registry, ``roles`` (as levels) by organization. ``bound_to`` is the one registry that the
    credential is for, None for all. ``expires_at`` is when the credential does (seconds since the epoch, UTC).
    """

    kind: Kind
    id: str = ""
    name: str = ""
    credential: str = ""
    scopes: frozenset[str] = frozenset()
    admin: bool = False
    levels: Mapping[int, Level] = field(default_factory=lambda: MappingProxyType({}))
    roles: Mapping[int, Level] = field(default_factory=lambda: MappingProxyType({}))
    bound_to: int | None = None
    networks: Networks = field(default_factory=Networks)
    expires_at: float | None = None

    @property
    def is_known(self) -> bool:
        """Say whether it is somebody who has shown a credential."""
        return self.kind not in {Kind.ANONYMOUS, Kind.ANYBODY}

    def fault(self, address: str | None) -> str:
        """Return why the credential is not good now, or from there; "" if it is."""
        if self.expires_at is not None and self.expires_at <= time.time():
            return "has expired"
        return "is not for this address" if self.networks and not self.networks.have(address) else ""

    def reading_only(self, registry: int, expires_at: float) -> "Actor":
        """Return the same actor, cut down to pulls from one registry, until then at the latest.

        Of one that is bound to another registry nothing is left.
        """
        until = expires_at if self.expires_at is None else min(self.expires_at, expires_at)
        scopes = self.scopes & {READ_PACKAGES} if self.bound_to in {None, registry} else frozenset[str]()
        return replace(
            self, scopes=scopes, bound_to=registry, expires_at=until, credential=f"temporary token by {self.credential}"
        )


ANONYMOUS = Actor(Kind.ANONYMOUS, name="anonymous")
ANYBODY = Actor(Kind.ANYBODY, name="anybody", scopes=PACKAGES)


def user(name: str, identifier: str, credential: str, **what: object) -> Actor:
    """Return a user with every scope, but for what is said otherwise."""
    values = {"scopes": EVERY_SCOPE, **what}
    return Actor(Kind.USER, f"user:{identifier}", name, credential, **values)  # type: ignore[arg-type] # by name
