"""What somebody says of an image or an artifact: annotations, and the labels that came before them.

The names are those of OCI image v1.1, annotations.md, then of label-schema.org, which they replace.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from ocireg.oci.lenient import shown, time_of

OCI = "org.opencontainers.image."
LABEL_SCHEMA = "org.label-schema."
TITLE = f"{OCI}title"
BASE_NAME, BASE_DIGEST = f"{OCI}base.name", f"{OCI}base.digest"
LONGEST = 4096
"""Characters of a field."""
_NAMES = {
    "title": ("title", "name"),
    "description": ("description", "description"),
    "version": ("version", "version"),
    "revision": ("revision", "vcs-ref"),
    "homepage": ("url", "url"),
    "source": ("source", "vcs-url"),
    "documentation": ("documentation", "usage"),
    "licences": ("licenses", "license"),
    "vendor": ("vendor", "vendor"),
    "authors": ("authors", "maintainer"),
    "created": ("created", "build-date"),
    "base_name": ("base.name", ""),
    "base_digest": ("base.digest", ""),
}


@dataclass(frozen=True, slots=True)
class Link:
    """A text that may be a link: ``url`` is None where it is none of http or https."""

    text: str
    url: str | None = None

    @classmethod
    def of(cls, text: str) -> "Link | None":
        """Return what a text is; None of an empty one."""
        return cls(text, text if is_web_url(text) else None) if text else None


@dataclass(frozen=True, slots=True)
class About:
    """What is said; "" or None where nothing is. ``created`` in seconds since the epoch, UTC. Texts are fit to show."""

    title: str = ""
    description: str = ""
    version: str = ""
    revision: str = ""
    homepage: Link | None = None
    source: Link | None = None
    documentation: Link | None = None
    licences: str = ""
    vendor: str = ""
    authors: str = ""
    created: float | None = None
    base_name: str = ""
    base_digest: str = ""

    @classmethod
    def of(cls, said: Sequence[Mapping[str, str]]) -> "About":
        """Return what annotations and labels say; those that come first go before the others, whatever their kind."""
        found = {field: _first(said, *names) for field, names in _NAMES.items()}
        links = {name: Link.of(found.pop(name)) for name in ("homepage", "source", "documentation")}
        created = time_of(found.pop("created"))
        return cls(**found, **links, created=created)  # type: ignore[arg-type] # texts, but for these


def _first(said: Sequence[Mapping[str, str]], name: str, older: str) -> str:
    for prefix, key in ((OCI, name), (LABEL_SCHEMA, older)):
        for one in said if key else ():
            if text := shown(one.get(f"{prefix}{key}", ""), LONGEST).strip():
                return text
    return ""


def is_web_url(text: str) -> bool:
    """Say whether a text is a URL of http or https, and nothing that only looks like one."""
    if not text.isascii() or not text.isprintable() or " " in text or "\\" in text:
        return False
    try:
        found = urlsplit(text)
        return found.scheme in {"http", "https"} and bool(found.hostname) and "@" not in found.netloc
    except ValueError:
        return False
