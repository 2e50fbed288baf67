"""From text to values: sizes, durations, addresses. Each raises ``ValueError`` with what was wanted."""

import re
from pathlib import Path
from urllib.parse import urlsplit

_SIZES = {"": 1, "b": 1, "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12}
_SIZES |= {"kib": 2**10, "mib": 2**20, "gib": 2**30, "tib": 2**40}
_DURATIONS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}
_LEVELS = ("debug", "info", "warning", "error")
_REDIRECTS = ("auto", "always", "never")


def size(text: str) -> int:
    """Return bytes: ``4194304``, ``4MiB``, ``4 MB``."""
    number, factor = _measure(text, _SIZES, "a number of bytes, as 4194304, 512MiB or 1TB")
    return int(number * factor)


def positive_size(text: str) -> int:
    """Return bytes, at least one."""
    if not (found := size(text)):
        raise ValueError("wanted a number of bytes above 0")
    return found


def seconds(text: str) -> float:
    """Return seconds: ``90``, ``90s``, ``15m``, ``24h``, ``7d``."""
    number, factor = _measure(text, _DURATIONS, "a duration, as 90, 90s, 15m, 24h or 7d")
    return number * factor


def _measure(text: str, units: dict[str, float] | dict[str, int], wanted: str) -> tuple[float, float]:
    found = re.fullmatch(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)\s*([a-zA-Z]*)", text.strip())
    if not found or found[2].lower() not in units:
        raise ValueError(f"wanted {wanted}")
    return float(found[1]), units[found[2].lower()]


def count(text: str) -> int:
    """Return a whole number from 0."""
    if not re.fullmatch(r"[0-9]{1,9}", text.strip()):
        raise ValueError("wanted a whole number")
    return int(text)


def positive(text: str) -> int:
    """Return a whole number from 1."""
    if not (found := count(text)):
        raise ValueError("wanted a whole number above 0")
    return found


def positive_seconds(text: str) -> float:
    """Return seconds above 0."""
    if not (found := seconds(text)):
        raise ValueError("wanted a duration above 0")
    return found


def boolean(text: str) -> bool:
    """Return a truth value."""
    try:
        return {
            "1": True,
            "true": True,
            "yes": True,
            "on": True,
            "0": False,
            "false": False,
            "no": False,
            "off": False,
        }[text.strip().lower()]
    except KeyError:
        raise ValueError("wanted true or false") from None


def path(text: str) -> Path:
    """Return a path, ``~`` expanded."""
    if not text:
        raise ValueError("wanted a path")
    try:
        return Path(text).expanduser()
    except RuntimeError as error:
        raise ValueError(f"nobody's home folder is known as {text.partition('/')[0]}") from error


def path_of(url: str) -> Path:
    """Return the path that a URL without a host names: ``sqlite:x``, ``sqlite:~/x``, ``sqlite:/x``, ``sqlite:///x``.

    One reading for all such URLs: what watches a folder must mean the same one as what writes to it.
    """
    rest = url.partition(":")[2].removeprefix("//")
    return path("/" + rest.lstrip("/") if rest.startswith("/") else rest or ".")


def optional_path(text: str) -> Path | None:
    """Return a path, or None for nothing."""
    return path(text) if text else None


def level(text: str) -> str:
    """Return a log level."""
    if text.lower() not in _LEVELS:
        raise ValueError(f"wanted one of {', '.join(_LEVELS)}")
    return text.lower()


def address(text: str) -> str:
    """Return ``host:port``, an IPv6 host in brackets."""
    host, colon, port = text.rpartition(":")
    bare = host.strip("[]")
    if not colon or not bare or not re.fullmatch(r"[0-9]+", port):
        raise ValueError("wanted host:port, as 127.0.0.1:8000 or [::1]:8000")
    if not is_port(port):
        raise ValueError(f"the port {port} is above 65535")
    if ":" in bare and host != f"[{bare}]":
        raise ValueError("an IPv6 address stands in brackets, as [::1]:8000")
    return text


def is_port(text: str) -> bool:
    """Say whether a text is the number of a port."""
    return bool(re.fullmatch(r"[0-9]{1,5}", text)) and int(text) <= 65535


def external_url(text: str) -> str:
    """Return an http or https URL of a host, without a path; or nothing."""
    if not text:
        return ""
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("wanted https://host or http://host:port, without a path")
    return text.rstrip("/")


def redirect(text: str) -> str:
    """Return when pulls are redirected."""
    if text.lower() not in _REDIRECTS:
        raise ValueError(f"wanted one of {', '.join(_REDIRECTS)}")
    return text.lower()


def redirect_expires(text: str) -> int:
    """Return whole seconds from 1 to 3600: whoever sees the URL of a redirect can read the blob for so long."""
    found = seconds(text)
    if not 1 <= found <= 3600:
        raise ValueError("wanted a duration from 1s to 1h")
    return int(found)


def redirect_url(text: str) -> str:
    """Return an http or https URL of a host, with or without a path; or nothing."""
    if not text:
        return ""
    parts = urlsplit(text)
    beside = parts.query or parts.fragment or "@" in parts.netloc
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.port == 0 or beside:
        raise ValueError("wanted https://host or https://host/path, without a user or a query")
    if not re.fullmatch(r"[!-~]+", text):
        raise ValueError("a URL is printable ASCII: encode what is not")
    return text.rstrip("/")


def admin_token(text: str) -> str:
    """Return a secret that is long enough, and that a header can carry; or nothing."""
    if text and not re.fullmatch(r"[!-~]{20,255}", text):
        raise ValueError("wanted 20 to 255 characters of printable ASCII, without spaces")
    return text


def token_life(text: str) -> float:
    """Return seconds from 60, which clients count on (distribution, token.md), to 3600."""
    found = seconds(text)
    if not 60 <= found <= 3600:
        raise ValueError("wanted a duration from 60s to 1h")
    return found


def storage(text: str) -> str:
    """Return the URL of a store; or nothing."""
    if text and not re.match(r"[a-z][a-z0-9+.-]*:", text):
        raise ValueError("wanted a URL, as file:/var/lib/ocireg/storage")
    if text.startswith("file:") and not (path_of(text).is_absolute() and path_of(text).name):
        raise ValueError("wanted the whole path, as file:/var/lib/ocireg/storage")
    return text


def database(text: str) -> str:
    """Return the URL of a database; or nothing."""
    if text.partition(":")[0] in {"postgres", "postgresql"}:
        raise ValueError("PostgreSQL is not supported by this version: wanted sqlite:/path/to/ocireg.db")
    if text and not (text.startswith("sqlite:") and path_of(text).name):
        raise ValueError("wanted sqlite:/path/to/ocireg.db")
    if text and path_of(text).name == ":memory:":
        raise ValueError("a database in memory is lost, and each thread has its own: wanted sqlite:/path/to/ocireg.db")
    return text


NUMERIC = frozenset({size, positive_size, seconds, positive_seconds, count, positive})
"""What reads a number, with a unit or without."""
