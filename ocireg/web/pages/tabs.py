"""The tabs of pages: those of everybody who may see it, and those of whoever may more."""

from ocireg.auth.access import Action, Target, may
from ocireg.auth.actor import Actor
from ocireg.auth.places import target_of
from ocireg.metadata.organizations import StoredOrganization
from ocireg.metadata.registries import StoredRegistry
from ocireg.web.doors import is_whole
from ocireg.web.pages import links

RELEASES, PUBLISH, TOKENS, ACCESS, POLICY, SETTINGS = "", "publish", "tokens", "access", "policy", "settings"
"""How those of a registry are called in paths."""
FOR_READERS = {RELEASES: "Releases", PUBLISH: "Publish instructions"}
FOR_ADMINS = {TOKENS: "Tokens", ACCESS: "Access", POLICY: "OIDC policy", SETTINGS: "Settings"}
FOR_ADMINISTRATION = {
    "": "Overview",
    "users": "Users",
    "organizations": "Organizations",
    "uploads": "Uploads",
    "check": "Check",
}

Tab = tuple[str, str, bool]
"""The text, the link, and whether it is the one that is shown."""


def of_registry(registry: StoredRegistry, actor: Actor, shown: str) -> list[Tab]:
    """Return the tabs of a registry that somebody has. ``shown``: the name of the one that is."""
    settings = may(actor, Action.READ_SETTINGS, target_of(registry))
    titles = {**FOR_READERS, **FOR_ADMINS} if settings else FOR_READERS
    return [(title, links.tab(registry.path, name), name == shown) for name, title in titles.items()]


def of_administration(shown: str) -> list[Tab]:
    """Return the tabs of the administration, likewise."""
    titles = {
        "": "Overview",
        "users": "Users",
        "organizations": "Organizations",
        "uploads": "Uploads",
        "collection": "Garbage collection",
        "check": "Check",
        "backups": "Backups",
    }
    return [(title, f"/admin/{name}".rstrip("/"), name == shown) for name, title in titles.items()]


def of_organization(organization: StoredOrganization, actor: Actor, shown: str) -> list[Tab]:
    """Return the tabs of an organization that somebody has, likewise."""
    target, titles = Target(organization.id), {"": "Registries"}
    if may(actor, Action.READ_ORGANIZATION, target):
        titles["members"] = "Members"
    if may(actor, Action.MANAGE_ORGANIZATION, target):
        titles["settings"] = "Settings"
    at = f"/{organization.slug}"
    return [(title, f"{at}/-/{name}" if name else at, name == shown) for name, title in titles.items()]


def of_account(actor: Actor, shown: str) -> list[Tab]:
    """Return the tabs of one's account, likewise; whoever may less than the user has the first alone."""
    titles = {"": "Account", "tokens": "API tokens", "sessions": "Sessions"} if is_whole(actor) else {"": "Account"}
    return [(title, f"/account/{name}".rstrip("/"), name == shown) for name, title in titles.items()]
