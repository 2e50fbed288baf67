"""Who asks, and how the request came. A proxy is believed here, and nowhere else, if the operator trusts it.

What ``X-Forwarded-…`` says counts when the connection comes from one of ``trusted_proxies``. Of the addresses in
``X-Forwarded-For`` each was added by the one to its right, so they are read from the right, as far as they are those
of trusted proxies. Of the other two the first value counts: a proxy must set them, not add to what a client sent.
"""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from flask import request

from ocireg.config import Settings
from ocireg.config.networks import Address, Networks, parse_address
from ocireg.config.values import is_port
from ocireg.errors import BAD_REQUEST, RegistryError

HOPS = 32
"""Addresses of ``X-Forwarded-For`` that are looked at, from the right."""
_HOP = re.compile(r"\[([0-9A-Fa-f:.]+)\](?::[0-9]{1,5})?|([0-9.]+)(?::[0-9]{1,5})?|([0-9A-Fa-f:.]+)")
_LABEL = r"[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?"
_HOST = re.compile(rf"(?P<name>{_LABEL}(?:\.{_LABEL})*\.?|\[(?P<address>[0-9A-Fa-f:.]+)\])(?::(?P<port>[0-9]+))?")
_LONGEST_HOST = 253 + len(":65535")


def address(settings: Settings) -> str | None:
    """Return the address of the client; None where the server knows none.

    That is the address that the request came from or, if that is a trusted proxy's, the right-most one of
    ``X-Forwarded-For`` that is not. What is no address ends the walk at the last one that was found.
    """
    return address_in(request.environ, settings.trusted_proxies)


def address_in(environ: Mapping[str, Any], trusted: Networks) -> str | None:
    """Return what ``address`` does, of a WSGI environment."""
    peer = environ.get("REMOTE_ADDR") or None
    found = parse_address(peer or "")
    if found is None:
        return peer
    listed = str(environ.get("HTTP_X_FORWARDED_FOR", "")).rsplit(",", HOPS)[-HOPS:]
    while listed and trusted.have(str(found)) and (before := _hop(listed.pop())):
        found = before
    return str(found)


def _hop(text: str) -> Address | None:
    """Return the address of an entry, which may have a port or brackets, as proxies write them."""
    found = _HOP.fullmatch(text.strip(" \t"))
    return parse_address(found[1] or found[2] or found[3]) if found else None


def uses_https(settings: Settings) -> bool:
    """Say whether clients speak HTTPS: to this service, or to what stands before it."""
    if settings.tls_cert is not None or settings.url.lower().startswith("https:"):
        return True
    return (_forwarded(settings, "Proto") or "").lower() == "https"


def host(settings: Settings) -> str:
    """Return the host that the client asked for, and its port if it named one, in lower case.

    That of the setting ``url`` goes above what requests say. UNSUPPORTED with 400 where it is none (RFC 9110
    section 7.2, RFC 3986 section 3.2.2): nothing that could write itself into a header or a page gets through.
    """
    if settings.url:
        return urlsplit(settings.url).netloc.rpartition("@")[2].lower()
    asked = _forwarded(settings, "Host")
    asked = request.environ.get("HTTP_HOST", "") if asked is None else asked
    if not _is_host(asked):
        raise RegistryError(BAD_REQUEST, "the request names no valid host")
    return asked.lower()


def base_url(settings: Settings) -> str:
    """Return the URL that the client knows this service by, without a path or a slash at the end; as ``host`` does."""
    return settings.url.rstrip("/") or f"{'https' if uses_https(settings) else 'http'}://{host(settings)}"


def _forwarded(settings: Settings, what: str) -> str | None:
    """Return the first value of ``X-Forwarded-what`` if a trusted proxy says so; None if none does."""
    said = request.headers.get(f"X-Forwarded-{what}")
    if said is None or not settings.trusted_proxies.have(request.remote_addr):
        return None
    return said.partition(",")[0].strip(" \t")


def _is_host(text: str) -> bool:
    found = _HOST.fullmatch(text) if len(text) <= _LONGEST_HOST else None
    if found is None or (found["address"] and parse_address(found["address"]) is None):
        return False
    return found["port"] is None or is_port(found["port"])


def agent() -> str:
    """Return what the client says that it is."""
    return request.headers.get("User-Agent", "")
