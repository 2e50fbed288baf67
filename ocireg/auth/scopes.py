"""What API tokens and OIDC policies may let somebody do, by name, and the levels that users have on registries."""

from collections.abc import Iterable
from enum import IntEnum

READ_PACKAGES = "read_packages"
WRITE_PACKAGES = "write_packages"
DELETE_PACKAGES = "delete_packages"
READ_REGISTRIES = "read_registries"
WRITE_REGISTRIES = "write_registries"
DELETE_REGISTRIES = "delete_registries"
READ_AUDIT_EVENTS = "read_audit_events"
READ_ORGANIZATION = "read_organization"
WRITE_ORGANIZATION = "write_organization"

SCOPES = {
    READ_PACKAGES: "pull",
    WRITE_PACKAGES: "push",
    DELETE_PACKAGES: "delete tags, manifests and blobs",
    READ_REGISTRIES: "see registries, their settings and tokens",
    WRITE_REGISTRIES: "make and change registries, their tokens, grants and policies",
    DELETE_REGISTRIES: "delete registries with all that is in them",
    READ_AUDIT_EVENTS: "read what happened",
    READ_ORGANIZATION: "see organizations, their members, and users",
    WRITE_ORGANIZATION: "make and change organizations, their members, quotas, and users",
}
"""Every scope, and what it lets a token do where its user may."""

EVERY_SCOPE = frozenset(SCOPES)
PACKAGES = frozenset({READ_PACKAGES, WRITE_PACKAGES, DELETE_PACKAGES})


class Level(IntEnum):
    """What somebody may do on a registry; each includes those before it."""

    NONE = 0
    READ = 1
    WRITE = 2
    ADMIN = 3


LEVELS = {"read": Level.READ, "write": Level.WRITE, "admin": Level.ADMIN}
ROLES = {"member": Level.READ, "admin": Level.ADMIN}
"""The roles in an organization, and the level that each gives on every registry of it."""


def parse_scopes(names: Iterable[str]) -> frozenset[str]:
    """Return scopes. ``ValueError`` names one that there is not."""
    found = frozenset(names)
    if unknown := sorted(found - EVERY_SCOPE):
        raise ValueError(f"there is no scope {unknown[0]!r}: wanted {', '.join(SCOPES)}")
    return found
