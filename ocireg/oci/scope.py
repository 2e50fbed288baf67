"""Scopes of the token protocol (distribution, docs/spec/auth/scope.md): ``type[(class)]:name:action,action``.

The name may hold a colon (``host:port/name``), so the type ends at the first and the actions begin after the last.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

MOST = 64
"""Scopes of one request that are looked at; what is beyond is not granted."""
LONGEST = 4096
"""Characters of all of them together, so that the token fits into a header."""

_SCOPE = re.compile(r"([a-z0-9]+)(?:\([a-z0-9]+\))?:(.+):([a-z*,]+)")


@dataclass(frozen=True, slots=True)
class Scope:
    """What is asked for: the type of a resource (``repository``, ``registry``), its name, and actions."""

    type: str
    name: str
    actions: frozenset[str]

    def __str__(self) -> str:
        return f"{self.type}:{self.name}:{','.join(sorted(self.actions))}"


def parse_scopes(texts: Iterable[str]) -> list[Scope]:
    """Return the scopes of a request; each text may hold several, separated by spaces. What is none is left out."""
    found: list[Scope] = []
    size = 0
    for text in (one for some in texts for one in some.split(" ") if one):
        size += len(text)
        if len(found) == MOST or size > LONGEST:
            break
        if match := _SCOPE.fullmatch(text):
            actions = frozenset(one for one in match[3].split(",") if one)
            found.append(Scope(match[1], match[2], actions))
    return found
