"""The tabs of a registry: everybody's who may see it, and those of whoever may see its settings."""

from ocireg.auth.access import Action, may
from ocireg.auth.actor import Actor
from ocireg.auth.places import target_of
from ocireg.metadata.registries import StoredRegistry
from ocireg.web.pages import links

RELEASES, PUBLISH, TOKENS, ACCESS, POLICY, SETTINGS = "", "publish", "tokens", "access", "policy", "settings"
"""How each is called in paths."""
FOR_READERS = {RELEASES: "Releases", PUBLISH: "Publish instructions"}
FOR_ADMINS = {TOKENS: "Tokens", ACCESS: "Access", POLICY: "OIDC policy", SETTINGS: "Settings"}


def of_registry(registry: StoredRegistry, actor: Actor, shown: str) -> list[tuple[str, str, bool]]:
    """Return the tabs that somebody has: the text, the link, and whether it is the one that is ``shown``."""
    settings = may(actor, Action.READ_SETTINGS, target_of(registry))
    titles = {**FOR_READERS, **FOR_ADMINS} if settings else FOR_READERS
    return [(title, links.tab(registry.path, name), name == shown) for name, title in titles.items()]
