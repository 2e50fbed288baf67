"""What each may do over the REST API, written down once more: nothing here comes from the program.

Of a registry: s is to see it, t its settings, m to change it, x to delete it, q to set its quota; r, w and d are those
of ``callers.py``. Of an organization: o is to see it, O to change it, c to make registries, a to read its audit log, q
to set its quota. Of the instance: u is to see users and usage, i to change it, A to read all of the audit log.
"""

from dataclasses import dataclass

from tests.security.callers import MAY
from tests.security.world import OTHER, PLACES, PRIVATE, PUBLIC, ROOT, TAG

ROOT_PATH = "/api/v1"
REGISTRIES = {PRIVATE: "acme/private", PUBLIC: "acme/public", ROOT: "root", OTHER: "evil/private"}
ORGANIZATIONS = ("acme", "evil")
EVERY_REGISTRY, EVERY_ORGANIZATION, EVERY_INSTANCE = "stmx", "oOca", "uiA"

# acme/private, acme/public, the root registry, which is private, and evil/private; whoever is on no row sees what is
# public.
OF_REGISTRIES: dict[str, tuple[str, str, str, str]] = {
    "reader": ("s", "s", "", ""),
    "writer": ("s", "s", "", ""),
    "registry admin": (EVERY_REGISTRY, "s", "", ""),
    "member": ("s", "s", "", ""),
    "organization admin": (f"{EVERY_REGISTRY}q", f"{EVERY_REGISTRY}q", "", ""),
    "instance admin": (f"{EVERY_REGISTRY}q",) * 4,
    "stranger": ("", "s", "", f"{EVERY_REGISTRY}q"),
    "reader of the root": ("", "s", "s", ""),
    "writer of the root": ("", "s", "s", ""),
    "token read_registries": ("st",) * 4,
    "token write_registries": ("m", "sm", "m", "m"),
    "token delete_registries": ("x", "sx", "x", "x"),
    "token write_organization": ("q", "sq", "q", "q"),
}
# acme and evil.
OF_ORGANIZATIONS: dict[str, tuple[str, str]] = {
    "member": ("o", ""),
    "organization admin": (EVERY_ORGANIZATION, ""),
    "instance admin": (f"{EVERY_ORGANIZATION}q",) * 2,
    "stranger": ("", EVERY_ORGANIZATION),
    "token read_organization": ("o", "o"),
    "token write_organization": ("Oq", "Oq"),
    "token write_registries": ("c", "c"),
    "token read_audit_events": ("a", "a"),
}
OF_THE_INSTANCE = {
    "instance admin": EVERY_INSTANCE,
    "token read_organization": "u",
    "token write_organization": "i",
    "token read_audit_events": "A",
}
NO_USERS = {"registry token", "registry token of another", "OIDC"}
LIMITED = {*NO_USERS, "temporary token", *(who for who in MAY if who.startswith("token "))}
"""Whose credential may less than its owner."""

BELOW_A_REGISTRY = {
    ("GET", ""): "s",
    ("PATCH", ""): "m",
    ("DELETE", ""): "x",
    ("GET", "/tokens"): "t",
    ("POST", "/tokens"): "m",
    ("GET", "/tokens/<token>"): "t",
    ("DELETE", "/tokens/<token>"): "m",
    ("GET", "/grants"): "t",
    ("GET", "/grants/<user>"): "t",
    ("PUT", "/grants/<user>"): "m",
    ("DELETE", "/grants/<user>"): "m",
    ("GET", "/policy"): "t",
    ("PUT", "/policy"): "m",
    ("DELETE", "/policy"): "m",
    ("POST", "/policy/test"): "t",
    ("GET", "/immutable-tags"): "t",
    ("POST", "/immutable-tags"): "m",
    ("POST", "/immutable-tags-preview"): "t",
    ("GET", "/immutable-tags/<rule>"): "t",
    ("DELETE", "/immutable-tags/<rule>"): "m",
    ("GET", "/retention"): "t",
    ("PUT", "/retention"): "m",
    ("DELETE", "/retention"): "m",
    ("POST", "/retention/preview"): "t",
    ("GET", "/retention/run"): "t",
    ("POST", "/retention/run"): "m",
    ("GET", "/packages"): "r",
    ("GET", "/packages/<package>"): "r",
    ("GET", "/packages/<package>/downloads"): "r",
    ("GET", "/packages/<package>/why"): "r",
    ("DELETE", "/packages/<package>"): "d",
    ("GET", "/packages/<package>/configuration"): "r",
    ("GET", "/packages/<package>/layers"): "r",
    ("GET", "/packages/<package>/children"): "r",
    ("GET", "/packages/<package>/checksums"): "r",
    ("GET", "/packages/<package>/attachments"): "r",
    ("GET", "/packages/<package>/dependencies"): "r",
    ("POST", "/packages/<package>/contents"): "r",
    ("GET", "/packages/<package>/contents"): "r",
    ("GET", "/packages/<package>/contents/search"): "r",
    ("GET", "/packages/<package>/contents/totals"): "r",
    ("GET", "/usage"): "t",
    ("PUT", "/quota"): "q",
}
BELOW_A_REPOSITORY = {
    ("GET", ""): "r",
    ("DELETE", ""): "d",
    ("POST", "/-/move"): "d",
    ("GET", "/-/downloads"): "r",
    ("GET", "/-/history"): "r",
    ("GET", "/-/tags"): "r",
    ("GET", "/-/tags/<tag>"): "r",
    ("DELETE", "/-/tags/<tag>"): "d",
    ("GET", "/-/tags/<tag>/history"): "r",
    ("POST", "/-/tags/<tag>/restore"): "w",
}
BELOW_AN_ORGANIZATION = {
    ("GET", ""): "o",
    ("PATCH", ""): "O",
    ("DELETE", ""): "O",
    ("GET", "/members"): "o",
    ("GET", "/members/<user>"): "o",
    ("PUT", "/members/<user>"): "O",
    ("DELETE", "/members/<user>"): "O",
    ("POST", "/registries"): "c",
    ("GET", "/usage"): "o",
    ("PUT", "/quota"): "q",
}
OF_INSTANCE = {
    ("POST", "/organizations"): "i",
    ("GET", "/users"): "u",
    ("POST", "/users"): "i",
    ("GET", "/users/<user>"): "u",
    ("PATCH", "/users/<user>"): "i",
    ("DELETE", "/users/<user>"): "i",
    ("GET", "/usage"): "u",
    ("GET", "/gc"): "u",
    ("POST", "/gc"): "i",
    ("GET", "/check"): "i",
    ("POST", "/check"): "i",
    ("GET", "/backups"): "i",
    ("POST", "/backups"): "i",
    ("GET", "/uploads"): "u",
    ("DELETE", "/uploads/<upload>"): "i",
    ("GET", "/audit-events"): "A",
}
FOR_THE_KNOWN = {
    ("GET", "/organizations"),
    ("GET", "/access-token"),
    ("DELETE", "/access-token"),
    ("POST", "/access-token/temporary"),
}
FOR_USERS = {("GET", "/user")}
FOR_THE_UNLIMITED = {
    ("PATCH", "/user"),
    ("GET", "/user/tokens"),
    ("POST", "/user/tokens"),
    ("GET", "/user/tokens/<token>"),
    ("DELETE", "/user/tokens/<token>"),
    ("GET", "/user/sessions"),
    ("DELETE", "/user/sessions/<session>"),
}
FOR_UNLIMITED_ADMINS = {
    ("GET", "/users/<user>/tokens"),
    ("POST", "/users/<user>/tokens"),
    ("GET", "/users/<user>/tokens/<token>"),
    ("DELETE", "/users/<user>/tokens/<token>"),
}
FOR_EVERYBODY = {("GET", "/registries"), ("GET", "/repositories")}
DESCRIPTION = {("GET", "/"), ("GET", "/openapi.json"), ("GET", "/style.css")}

ROUTES = {
    *((f"{ROOT_PATH}/registries/{base}{path}", method) for base in ("root", "<slug:organization>/<registry>")
      for method, path in BELOW_A_REGISTRY),
    *((f"{ROOT_PATH}/repositories/<repository:repository>{path}", method) for method, path in BELOW_A_REPOSITORY),
    *((f"{ROOT_PATH}/organizations/<organization>{path}", method) for method, path in BELOW_AN_ORGANIZATION),
    *((f"{ROOT_PATH}{path}", method) for some in (OF_INSTANCE, FOR_THE_KNOWN, FOR_USERS, FOR_THE_UNLIMITED,
      FOR_UNLIMITED_ADMINS, FOR_EVERYBODY, DESCRIPTION) for method, path in some),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """A request, and what it is answered: "may", "401", "403" or "404"."""

    method: str
    path: str
    wanted: str


def cells(who: str) -> list[Cell]:
    """Return every request that there is on every place, and what somebody is answered."""
    found = []
    packages = MAY[who] or ("", "", "", "")
    registries = OF_REGISTRIES.get(who, ("", "s", "", ""))
    root = packages[2] + registries[2]
    root_seen = "s" in root or "r" in root
    for place, letters, pulls in zip(PLACES, registries, packages, strict=True):
        seen = "s" in letters or "r" in pulls
        for base, rows in (("registries", BELOW_A_REGISTRY), ("repositories", BELOW_A_REPOSITORY)):
            path = REGISTRIES[place] if base == "registries" else place
            for (method, below), needs in rows.items():
                answer = answered(who, may=needs in letters + pulls, seen=seen)
                if base == "repositories" and answer == "404" and needs not in root and root_seen:
                    answer = "403"  # as of a name that nobody claims: that is the root registry's
                found.append(Cell(method, named(f"/{base}/{path}{below}"), answer))
    for slug, letters in zip(ORGANIZATIONS, OF_ORGANIZATIONS.get(who, ("", "")), strict=True):
        for (method, below), needs in BELOW_AN_ORGANIZATION.items():
            answer = answered(who, may=needs in letters, seen="o" in letters)
            found.append(Cell(method, named(f"/organizations/{slug}{below}"), answer))
        answer = answered(who, may="a" in letters, seen="o" in letters)
        found.append(Cell("GET", f"/audit-events?organization={slug}", answer))
    for (method, path), needs in OF_INSTANCE.items():
        found.append(Cell(method, named(path), answered(who, may=needs in OF_THE_INSTANCE.get(who, ""), seen=True)))
    for some, may in (
        (FOR_THE_KNOWN, who != "nobody"),
        (FOR_USERS, who not in {*NO_USERS, "nobody"}),
        (FOR_THE_UNLIMITED, who not in {*LIMITED, "nobody"}),
        (FOR_UNLIMITED_ADMINS, who == "instance admin"),
        (FOR_EVERYBODY, True),
    ):
        found += [Cell(method, named(path), answered(who, may=may, seen=True)) for method, path in sorted(some)]
    return found


def answered(who: str, *, may: bool, seen: bool) -> str:
    """Return what somebody is answered who may or may not, of what they see or do not."""
    if MAY[who] is None:
        return "401"
    if may:
        return "may"
    if who == "nobody":
        return "401"
    return "403" if seen else "404"


def named(path: str) -> str:
    """Return a path with names in it that are there or, where there is none, could be."""
    for part, value in (
        ("token", "0" * 16),
        ("rule", "0" * 16),
        ("user", "member"),
        ("upload", "0" * 32),
        ("package", f"1-{'0' * 16}"),
        ("tag", TAG),
    ):
        path = path.replace(f"<{part}>", value)
    return path
