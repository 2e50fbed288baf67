"""Where the pages are."""

from urllib.parse import quote, urlencode

from ocireg.auth.places import locate
from ocireg.metadata.registries import StoredRegistry
from ocireg.web.asked import context


def above(found: StoredRegistry) -> list[tuple[str, str]]:
    """Return the way to a registry, and to its page: texts with links."""
    way, page = [("Registries", "/")], registry(found.path)
    if not found.organization_slug:
        return [*way, ("root", page)]
    return [*way, (found.organization_slug, f"/{found.organization_slug}"), (found.slug, page)]


def registry(path: str) -> str:
    """Return the page of a registry, by its path; that of the root registry is "" or ``root``."""
    return f"/{path or 'root'}"


def tab(path: str, name: str) -> str:
    """Return a page of a registry, by its path: "" is the first."""
    return registry(path) + (f"/-/{name}" if name else "")


def repository(name: str) -> str:
    """Return the page of a repository, by its full name."""
    here = context()
    found = locate(here.roster.now(), here.settings, name)
    return f"/root/{name}" if found.organization is None else f"/{name}"


def version(name: str, reference: str, tab: str = "", **query: object) -> str:
    """Return the page of a manifest, by a tag or a digest; or a tab of it."""
    sign = "@" if ":" in reference else ":"
    return f"{repository(name)}{sign}{reference}{f'/-/{tab}' if tab else ''}{asking(**query)}"


def asking(**query: object) -> str:
    """Return the query of a link; what is empty is left out."""
    said = {name: str(value) for name, value in query.items() if value not in {"", None}}
    return f"?{urlencode(said)}" if said else ""


def inside(text: str) -> str:
    """Return a path of ours that a link or a form named, "/" in place of what leads elsewhere."""
    fit = text.startswith("/") and not text.startswith(("//", "/\\")) and text.isprintable() and "\\" not in text
    return quote(text, safe="/:@?&=%+-._~") if fit else "/"
