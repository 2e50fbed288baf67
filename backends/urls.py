"""URLs of buckets: ``scheme://bucket/prefix?option=value&…``."""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlsplit

from backends.errors import Misconfigured

_UNITS = {"": 1, "B": 1, "KIB": 2**10, "MIB": 2**20, "GIB": 2**30}


@dataclass(frozen=True, slots=True)
class Place:
    """A bucket, what all keys in it begin with (empty, or ending in a slash), and the options given."""

    scheme: str
    bucket: str
    prefix: str
    options: Mapping[str, str] = field(repr=False)

    @classmethod
    def parse(cls, url: str, known: Collection[str]) -> "Place":
        """Read a URL. ``Misconfigured``, in one line, for one without a bucket or with an option that is not known."""
        try:
            split = urlsplit(url)
        except ValueError as error:
            scheme = url.partition(":")[0]
            raise Misconfigured(f"{scheme}: this is no URL ({error}): {scheme}://bucket/prefix is") from None
        where = f"{split.scheme}://{split.netloc.rpartition('@')[2]}{split.path}"
        if "@" in split.path or ":" in split.netloc:
            raise Misconfigured(f"{split.scheme}: credentials are not part of the URL: {split.scheme}://bucket/prefix")
        if not split.netloc or "@" in split.netloc:
            raise Misconfigured(f"{where} names no bucket: {split.scheme}://bucket/prefix does, without credentials")
        pairs = parse_qsl(split.query, keep_blank_values=True)
        options = dict(pairs)
        for name, _ in pairs:
            if name not in known:
                raise Misconfigured(f"{where} has no option {name!r} (there are {', '.join(sorted(known))})")
        if len(options) != len(pairs):
            raise Misconfigured(f"{where} gives an option twice")
        prefix = split.path.strip("/")
        if any(part in ("", ".", "..") for part in prefix.split("/")) and prefix:
            raise Misconfigured(f"{where}: not a prefix of keys")
        return cls(split.scheme, split.netloc, prefix and prefix + "/", options)

    def text(self, name: str, default: str = "") -> str:
        """Return an option."""
        return self.options.get(name) or default

    def choice(self, name: str, choices: Collection[str], default: str) -> str:
        """Return an option that is one of several. ``Misconfigured``."""
        found = self.text(name, default)
        if found not in choices:
            raise Misconfigured(f"{name}={found}: it is one of {', '.join(choices)}")
        return found

    def size(self, name: str, default: int) -> int:
        """Return an option in bytes, as ``134217728`` or ``128MiB``. ``Misconfigured``."""
        found = self.text(name)
        if not found:
            return default
        match = re.fullmatch(r"([1-9][0-9]{0,15})\s*([KMG]iB|B|)", found, re.IGNORECASE)
        unit = match and _UNITS.get(match[2].upper())
        if not match or not unit:
            raise Misconfigured(f"{name}={found}: it is a size, as 128MiB")
        return int(match[1]) * unit
