"""Which distribution an image is of: its os-release (freedesktop.org, os-release(5))."""

import re
import shlex
from dataclasses import dataclass

CANDIDATES = (b"etc/os-release", b"usr/lib/os-release")
"""Where it is; the first one that is there counts."""
LARGEST = 64 * 1024
"""Bytes; a larger one is none."""
_LINE = re.compile(r"([A-Z][A-Z0-9_]*)=(.*)")
_SHOWN = 100


@dataclass(frozen=True, slots=True)
class Distribution:
    """Name and version as they are shown, "" where nothing is said; ``id`` is the short name, as ``debian``."""

    name: str
    version: str
    id: str

    @property
    def shown(self) -> str:
        """Both, and no version twice: some names have it."""
        return self.name if self.version in self.name else f"{self.name} {self.version}"


def parse(text: str) -> Distribution | None:
    """Return what an os-release says; None if it says nothing of use. All is printable."""
    said: dict[str, str] = {}
    for line in text.splitlines():
        found = _LINE.fullmatch(line.strip())
        if found:
            said[found[1]] = _value(found[2])
    name = said.get("NAME") or said.get("PRETTY_NAME") or said.get("ID") or ""
    version = said.get("VERSION_ID") or said.get("VERSION") or said.get("BUILD_ID") or ""
    return Distribution(name, version, said.get("ID", "")) if name else None


def _value(written: str) -> str:
    try:
        value = "".join(shlex.split(written)[:1])
    except ValueError:  # a quotation that does not end
        value = written
    return "".join(one for one in value[:_SHOWN] if one.isprintable())
