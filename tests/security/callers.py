"""Who may do what, written down once more: what the tests expect comes from here and from nothing of the program's."""

from tests.security.world import ANYONE, World

# What each may do in acme/private, acme/public, the root registry, which is private, and evil/private: r is pull, w is
# push, d is delete. None: their credentials are good for nothing.
MAY: dict[str, tuple[str, str, str, str] | None] = {
    "nobody": ("", "r", "", ""),
    "reader": ("r", "r", "", ""),
    "writer": ("rwd", "r", "", ""),
    "registry admin": ("rwd", "r", "", ""),
    "member": ("r", "r", "", ""),
    "organization admin": ("rwd", "rwd", "", ""),
    "instance admin": ("rwd", "rwd", "rwd", "rwd"),
    "stranger": ("", "r", "", "rwd"),
    "former member": ("", "r", "", ""),
    "reader of the root": ("", "r", "r", ""),
    "writer of the root": ("", "r", "rwd", ""),
    "registry token": ("r", "r", "", ""),
    "registry token of another": ("", "r", "", "r"),
    "OIDC": ("rw", "r", "", ""),
    "temporary token": ("r", "r", "", ""),
    "expired token": None,
    "revoked token": None,
    "token of another network": None,
    "token of a deleted user": None,
    "deleted user": None,
    # tokens of the admin of the instance, with one scope each
    "token read_packages": ("r", "r", "r", "r"),
    "token write_packages": ("w", "rw", "w", "w"),
    "token delete_packages": ("d", "rd", "d", "d"),
    "token read_registries": ("", "r", "", ""),
    "token write_registries": ("", "r", "", ""),
    "token delete_registries": ("", "r", "", ""),
    "token read_audit_events": ("", "r", "", ""),
    "token read_organization": ("", "r", "", ""),
    "token write_organization": ("", "r", "", ""),
}
CALLERS = [("nobody", "nothing"), *((who, how) for who in MAY for how in ("Basic", "Bearer"))]


def shown(world: World, who: str, how: str) -> str:
    """Return what somebody shows."""
    return {"nothing": ANYONE, "Basic": world.secrets[who], "Bearer": world.bearers[who]}[how]
