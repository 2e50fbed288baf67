"""Which pulls of blobs are sent to the store, and where.

A URL of the store is signed for GET alone, and stores answer one range, so only GETs of the whole or of one range are
for here; ``docs/storage.rst`` says the rest to operators.
"""

import re
from collections.abc import Callable
from urllib.parse import urlsplit, urlunsplit

from werkzeug.datastructures import Headers

from ocireg.config import Settings

_ONE_RANGE = re.compile(r"bytes=(?:[0-9]{1,18}-[0-9]{0,18}|-[0-9]{1,18})")
_CONDITIONS = ("If-Match", "If-Modified-Since", "If-Range", "If-Unmodified-Since")


class Redirects:
    """The policy that the settings ask for. ``is_public`` says of a host whether everybody can reach it."""

    def __init__(self, settings: Settings, is_public: Callable[[str], bool]) -> None:
        self._mode = settings.redirect
        self._expires = settings.redirect_expires
        self._front = settings.redirect_url
        self._except = settings.redirect_except
        self._is_public = is_public

    def target(self, client: str | None, sign: Callable[[int], str | None], *, https: bool) -> str | None:
        """Return where a client at this address goes; None to serve it here. ``https`` says how it came.

        ``sign`` returns the store's URL, good for the seconds that it is given, if it has any.
        """
        if self._mode == "never" or self._except.have(client):
            return None
        signed = sign(self._expires)
        if signed is None:
            return None
        location = through(self._front, signed)
        return location if self._mode == "always" or self._anybody_can_follow(location, https=https) else None

    def _anybody_can_follow(self, location: str, *, https: bool) -> bool:
        """Say whether any client gets there. From https to http some do not go, and no signed URL should."""
        parts = urlsplit(location)
        if https and parts.scheme != "https":
            return False
        return self._is_public(parts.hostname or "")


def through(front: str, signed: str) -> str:
    """Return a signed URL by way of what stands in front of the store: its scheme and host, its path before the path.

    The signature is over the store's own host and path: what stands in front restores both.
    """
    if not front:
        return signed
    to, parts = urlsplit(front), urlsplit(signed)
    return urlunsplit((to.scheme, to.netloc, to.path.rstrip("/") + parts.path, parts.query, ""))


def store_reads_alike(headers: Headers) -> bool:
    """Say whether the store would read a GET with these headers, which the client sends again, as it is read here.

    Stores differ on several ranges and on odd ones; and a condition names our ETag, which the store does not know, or a
    time, which it would compare with one of its own: a blob has none here.
    """
    asked = headers.get("Range")
    return (asked is None or _ONE_RANGE.fullmatch(asked) is not None) and not any(one in headers for one in _CONDITIONS)
