"""Issuers of OIDC tokens that an operator allows, and the addresses that these may have."""

import re
from dataclasses import dataclass
from typing import Self
from urllib.parse import SplitResult, urlsplit

from ocireg.config.networks import parse_address

KNOWN = {
    "buildkite": "https://agent.buildkite.com",
    "github": "https://token.actions.githubusercontent.com",
    "gitlab": "https://gitlab.com",
}
"""Issuers that have a name: of a service that has one for all its customers."""
CIRCLECI = "https://oidc.circleci.com/org/"
"""What the issuers of CircleCI begin with; the identifier of an organization follows."""
_ORGANIZATION = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_WANTED = "wanted buildkite, github, gitlab, circleci, circleci:ORGANIZATION-ID, or the URL of an issuer"


@dataclass(frozen=True, slots=True)
class Issuers:
    """A set of issuers, each the exact ``iss`` of its tokens; shown as it was written."""

    text: str = ""
    exact: frozenset[str] = frozenset()
    circleci: bool = False

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the issuers of a list with commas: names, ``circleci:ORGANIZATION-ID``, and URLs; none for nothing.

        ``circleci`` alone is every organization of CircleCI: a policy names one all the same. ``ValueError``.
        """
        listed = [one for part in text.split(",") if (one := part.strip())]
        exact = frozenset(_issuer(one) for one in listed if one != "circleci")
        return cls(",".join(listed), exact, "circleci" in listed)

    def __contains__(self, iss: object) -> bool:
        return isinstance(iss, str) and (iss in self.exact or (self.circleci and _is_organization(iss)))

    def __str__(self) -> str:
        return self.text


def web_address(url: str) -> SplitResult:
    """Return the parts of a URL of https, or of http on a loopback host. ``ValueError`` in words for an operator."""
    if not re.fullmatch(r"[!-~]{1,2048}", url):
        raise ValueError("a URL is printable ASCII")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0:
        raise ValueError("wanted a URL, as https://gitlab.example.com")
    if "@" in parts.netloc or "#" in url or "\\" in url:
        raise ValueError("the URL of an issuer has no user and no fragment")
    if parts.scheme == "http" and not is_loopback(parts.hostname):
        raise ValueError("http is for loopback hosts alone: wanted https")
    return parts


def is_loopback(host: str) -> bool:
    """Say whether a host is this machine by its name."""
    address = parse_address(host)
    return host == "localhost" or (address is not None and address.is_loopback)


def _issuer(text: str) -> str:
    if text in KNOWN:
        return KNOWN[text]
    name, colon, organization = text.partition(":")
    if name == "circleci" and colon:
        if not _ORGANIZATION.fullmatch(organization):
            raise ValueError("wanted circleci:ORGANIZATION-ID, the identifier a UUID in small letters")
        return CIRCLECI + organization
    if "://" not in text:
        raise ValueError(_WANTED)
    if web_address(text).query:
        raise ValueError("the URL of an issuer has no query")
    return text


def _is_organization(iss: str) -> bool:
    return iss.startswith(CIRCLECI) and _ORGANIZATION.fullmatch(iss.removeprefix(CIRCLECI)) is not None
