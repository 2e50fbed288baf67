"""What each may do on the pages, who has signed in there, written down once more: nothing here is the program's.

A page needs what its letter says where it is: the letters are those of ``callers.py`` (r, w, d), and of ``api.py``. Who
may not is led to sign in, told that they may not, or told that there is no such thing.
"""

from dataclasses import dataclass

from ocireg.oci.digest import Digest
from tests.security.api import LIMITED, OF_ORGANIZATIONS, OF_REGISTRIES, OF_THE_INSTANCE, ORGANIZATIONS
from tests.security.callers import MAY
from tests.security.world import OTHER, PLACES, PRIVATE, PUBLIC, ROOT, TAG, Held

Rows = dict[tuple[str, str], str]

VISITORS = (
    "nobody",
    "reader",
    "writer",
    "registry admin",
    "member",
    "organization admin",
    "instance admin",
    "stranger",
    "former member",
    "reader of the root",
    "writer of the root",
    *(who for who in MAY if who.startswith("token ") and who.count(" ") == 1),
)
"""Whose browsers they are: those who can sign in, and nobody."""
NO_VISITORS = (
    "registry token",
    "registry token of another",
    "OIDC",
    "temporary token",
    "expired token",
    "revoked token",
    "token of another network",
    "token of a deleted user",
    "deleted user",
)
"""Who cannot sign in."""

# Below a registry, a repository, or a manifest of it by its tag or digest, and an organization; then of the instance.
BELOW_A_REGISTRY: Rows = {
    ("GET", ""): "r",
    ("GET", "/-/publish"): "r",
    ("GET", "/-/access"): "t",
    ("POST", "/-/access"): "m",
    ("GET", "/-/access/<user>/withdraw"): "m",
    ("POST", "/-/access/<user>/withdraw"): "m",
    ("GET", "/-/policy"): "t",
    ("POST", "/-/policy"): "m",
    ("POST", "/-/policy/test"): "t",
    ("GET", "/-/policy/remove"): "m",
    ("POST", "/-/policy/remove"): "m",
    ("GET", "/-/retention"): "t",
    ("POST", "/-/retention"): "m",
    ("POST", "/-/retention/preview"): "t",
    ("POST", "/-/retention/run"): "m",
    ("GET", "/-/retention/remove"): "m",
    ("POST", "/-/retention/remove"): "m",
    ("GET", "/-/settings"): "t",
    ("POST", "/-/settings"): "m",
    ("GET", "/-/immutable-tags"): "t",
    ("POST", "/-/immutable-tags"): "m",
    ("POST", "/-/immutable-tags/preview"): "t",
    ("GET", "/-/immutable-tags/<rule>/remove"): "m",
    ("POST", "/-/immutable-tags/<rule>/remove"): "m",
    ("GET", "/-/quota"): "t",
    ("POST", "/-/quota"): "q",
    ("GET", "/-/visibility"): "m",
    ("POST", "/-/visibility"): "m",
    ("GET", "/-/delete"): "x",
    ("POST", "/-/delete"): "x",
    ("GET", "/-/tokens"): "t",
    ("POST", "/-/tokens"): "m",
    ("GET", "/-/tokens/<token>/revoke"): "m",
    ("POST", "/-/tokens/<token>/revoke"): "m",
}
BELOW_A_REPOSITORY: Rows = {
    ("GET", ""): "r",
    ("GET", "/-/history"): "r",
    ("GET", "/-/untagged"): "r",
    ("GET", "/-/settings"): "d",
    ("POST", "/-/settings"): "d",
    ("GET", "/-/delete"): "d",
    ("POST", "/-/delete"): "d",
    ("GET", "/-/tags/<tag:tag>/delete"): "d",
    ("POST", "/-/tags/<tag:tag>/delete"): "d",
    ("POST", "/-/tags/<tag:tag>/restore"): "w",
    ("GET", "/-/untagged/<digest:digest>/delete"): "d",
    ("POST", "/-/untagged/<digest:digest>/delete"): "d",
}
BELOW_A_REFERENCE: Rows = {
    ("GET", ""): "r",
    ("POST", ""): "r",
    ("GET", "/-/contents"): "r",
    ("POST", "/-/contents"): "r",
    ("GET", "/-/contents/progress"): "r",
    ("GET", "/-/layers"): "r",
    ("GET", "/-/configuration"): "r",
    ("GET", "/-/attachments"): "r",
    ("GET", "/-/details"): "r",
    ("GET", "/-/manifest"): "r",
    ("GET", "/-/blobs/<digest:blob>"): "r",
    ("GET", "/-/delete"): "d",
    ("POST", "/-/delete"): "d",
}
BELOW_AN_ORGANIZATION: Rows = {
    ("GET", ""): "v",
    ("GET", "/-/new"): "c",
    ("POST", "/-/new"): "c",
    ("GET", "/-/quota"): "o",
    ("POST", "/-/quota"): "q",
    ("GET", "/-/settings"): "O",
    ("POST", "/-/settings"): "O",
    ("GET", "/-/delete"): "O",
    ("POST", "/-/delete"): "O",
    ("GET", "/-/members"): "o",
    ("POST", "/-/members"): "O",
    ("GET", "/-/members/<user>/remove"): "O",
    ("POST", "/-/members/<user>/remove"): "O",
}
"""v: whoever may read it, or see or pull from one of its registries."""
OF_INSTANCE: Rows = {
    ("GET", "/admin"): "i",
    ("GET", "/admin/users"): "i",
    ("GET", "/admin/users/<user>"): "i",
    ("GET", "/admin/users/<user>/delete"): "i",
    ("POST", "/admin/users/<user>/delete"): "i",
    ("GET", "/admin/new-user"): "i",
    ("POST", "/admin/new-user"): "i",
    ("GET", "/admin/organizations"): "i",
    ("GET", "/admin/organizations/<slug:name>/delete"): "i",
    ("POST", "/admin/organizations/<slug:name>/delete"): "i",
    ("GET", "/admin/new-organization"): "i",
    ("POST", "/admin/new-organization"): "i",
    ("GET", "/admin/backups"): "i",
    ("POST", "/admin/backups"): "i",
    ("GET", "/admin/uploads"): "i",
    ("GET", "/admin/collection"): "i",
    ("POST", "/admin/collection/trial"): "i",
    ("POST", "/admin/collection/start"): "i",
    ("GET", "/admin/collection/now"): "i",
    ("POST", "/admin/collection/now"): "i",
    ("GET", "/admin/uploads/<upload>/cancel"): "i",
    ("POST", "/admin/uploads/<upload>/cancel"): "i",
    ("GET", "/admin/check"): "i",
    ("GET", "/admin/check/progress"): "i",
    ("POST", "/admin/check/start"): "i",
    ("GET", "/admin/check/repair"): "i",
    ("POST", "/admin/check/repair"): "i",
}
OF_THE_LOG = {("GET", "/audit"), ("GET", "/audit/events.<form>")}
"""For whoever may read the audit log of the instance, or of some organization."""
FOR_THE_KNOWN = {("GET", "/account")}
FOR_THE_UNLIMITED = {
    ("POST", "/account"),
    ("GET", "/account/tokens"),
    ("GET", "/account/tokens/new"),
    ("POST", "/account/tokens/new"),
    ("GET", "/account/tokens/<token>/revoke"),
    ("POST", "/account/tokens/<token>/revoke"),
    ("GET", "/account/sessions"),
    ("POST", "/account/sessions/<session>/end"),
}
FOR_UNLIMITED_ADMINS = {
    ("GET", "/admin/users/<user>/password"),
    ("POST", "/admin/users/<user>/password"),
    ("POST", "/admin/users/<user>/admin"),
    ("GET", "/admin/users/<user>/tokens/<token>/revoke"),
    ("POST", "/admin/users/<user>/tokens/<token>/revoke"),
}
FOR_EVERYBODY = {
    ("GET", "/"),
    ("GET", "/login"),
    ("POST", "/login"),
    ("POST", "/account/sign-out"),
    ("POST", "/account/theme"),
}
FILES = {
    ("GET", "/static/<path:filename>"): "/static/icon.svg",
    ("GET", "/bootstrap/static/<path:filename>"): "/bootstrap/static/css/bootstrap.min.css",
}
"""What ships with a version, and one of it."""

REGISTRIES = {PRIVATE: "/acme/private", PUBLIC: "/acme/public", ROOT: "/root", OTHER: "/evil/private"}
REPOSITORIES = {PRIVATE: f"/{PRIVATE}", PUBLIC: f"/{PUBLIC}", ROOT: f"/root/{ROOT}", OTHER: f"/{OTHER}"}
_REGISTRY = ("/<organization:organization>/<slug:registry>", "/root")
_REPOSITORY = ("/<image:repository>", "/root/<repository:repository>")
_REFERENCE = tuple(f"{base}{one}" for base in _REPOSITORY for one in (":<tag:reference>", "@<digest:reference>"))

ROUTES = {
    *((f"{base}{path}", method) for base in _REGISTRY for method, path in BELOW_A_REGISTRY),
    *((f"{base}{path}", method) for base in _REPOSITORY for method, path in BELOW_A_REPOSITORY),
    *((f"{base}{path}", method) for base in _REFERENCE for method, path in BELOW_A_REFERENCE),
    *((f"/<organization:organization>{path}", method) for method, path in BELOW_AN_ORGANIZATION),
    *((path, method) for some in (OF_INSTANCE, OF_THE_LOG, FOR_THE_KNOWN, FOR_THE_UNLIMITED, FOR_UNLIMITED_ADMINS,
      FOR_EVERYBODY, FILES) for method, path in some),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Cell:
    """A request, and what it is answered: "may", "login", "403" or "404"."""

    method: str
    path: str
    wanted: str


def cells(who: str) -> list[Cell]:
    """Return every page on every place, and what somebody is answered who has signed in."""
    found = []
    packages = MAY[who] or ("", "", "", "")
    registries = OF_REGISTRIES.get(who, ("", "s", "", ""))
    root = packages[2] + registries[2]
    for place, letters, pulls in zip(PLACES, registries, packages, strict=True):
        seen = "s" in letters or "r" in pulls
        for base, rows in (
            (REGISTRIES[place], BELOW_A_REGISTRY),
            (REPOSITORIES[place], BELOW_A_REPOSITORY),
            (f"{REPOSITORIES[place]}:{TAG}", BELOW_A_REFERENCE),
            (f"{REPOSITORIES[place]}@{Digest.of(Held.of(place).image)}", BELOW_A_REFERENCE),
        ):
            for (method, below), needs in rows.items():
                answer = answered(who, may=needs in letters + pulls, seen=seen)
                of_repository = rows is not BELOW_A_REGISTRY
                if of_repository and answer == "404" and needs not in root and ("s" in root or "r" in root):
                    answer = "403"  # as of a name that nobody claims: that is the root registry's
                found.append(Cell(method, named(base + below), answer))
    seen_in = {place.partition("/")[0] for place, one, other in zip(PLACES, registries, packages, strict=True)
               if "s" in one or "r" in other}  # fmt: skip
    for slug, rights in zip(ORGANIZATIONS, OF_ORGANIZATIONS.get(who, ("", "")), strict=True):
        letters = rights + ("v" if "o" in rights or slug in seen_in else "")
        for (method, below), needs in BELOW_AN_ORGANIZATION.items():
            answer = answered(who, may=needs in letters, seen="o" in letters)
            found.append(Cell(method, named(f"/{slug}{below}"), answer))
    for (method, path), needs in OF_INSTANCE.items():
        found.append(Cell(method, named(path), answered(who, may=needs in OF_THE_INSTANCE.get(who, ""), seen=True)))
    audits = "A" in OF_THE_INSTANCE.get(who, "") or "a" in "".join(OF_ORGANIZATIONS.get(who, ()))
    for some, may in (
        (OF_THE_LOG, audits),
        (FOR_THE_KNOWN, who != "nobody"),
        (FOR_THE_UNLIMITED, who not in {*LIMITED, "nobody"}),
        (FOR_UNLIMITED_ADMINS, who == "instance admin"),
        (FOR_EVERYBODY, True),
    ):
        found += [Cell(method, named(path), answered(who, may=may, seen=True)) for method, path in sorted(some)]
    return found


def answered(who: str, *, may: bool, seen: bool) -> str:
    """Return what somebody is answered who may or may not, of what they see or do not."""
    if may:
        return "may"
    if who == "nobody":
        return "login"
    return "403" if seen else "404"


def named(path: str) -> str:
    """Return a path with names in it that are there or, where there is none, could be."""
    for part, value in (
        ("<token>", "0" * 16),
        ("<rule>", "0" * 16),
        ("<user>", "member"),
        ("<tag:tag>", TAG),
        ("<slug:name>", "acme"),
        ("<digest:blob>", f"sha256:{0:064}"),
        ("<digest:digest>", f"sha256:{'0' * 64}"),
        ("<session>", "0" * 64),
        ("<upload>", "0" * 32),
        ("<form>", "csv"),
    ):
        path = path.replace(part, value)
    assert "<" not in path, f"what may stand there? {path}"
    return path
