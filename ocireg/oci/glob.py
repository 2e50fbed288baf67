"""Globs: ``*`` is zero or more characters, ``/`` included; ``?`` is one; everything else is itself."""

from dataclasses import dataclass, field

MOST_GLOB = 512
"""Characters of a glob."""
MOST_VALUE = 4096
"""Characters of a claim that is matched; a longer one matches nothing."""


@dataclass(frozen=True, slots=True)
class Glob:
    """A glob, ready to match in time that grows with the value alone: there is no way back to take.

    It is an automaton whose states are the bits of a number: bit *n* is set while the first *n* characters of the
    glob (its ``*`` left out) may have been read. ``text`` has ``MOST_GLOB`` characters at most.
    """

    text: str
    _takes: dict[str, int] = field(init=False, repr=False, compare=False, default_factory=dict)
    _any: int = field(init=False, repr=False, compare=False, default=0)
    _stays: int = field(init=False, repr=False, compare=False, default=0)
    _end: int = field(init=False, repr=False, compare=False, default=1)

    def __post_init__(self) -> None:
        state, anything, stays = 1, 0, 0
        for one in self.text:
            if one == "*":
                stays |= state
                continue
            if one == "?":
                anything |= state
            else:
                self._takes[one] = self._takes.get(one, 0) | state
            state <<= 1
        for name, value in (("_any", anything), ("_stays", stays), ("_end", state)):
            object.__setattr__(self, name, value)

    def matches(self, value: str) -> bool:
        """Say whether the glob is the whole of ``value``."""
        if len(value) > MOST_VALUE:
            return False
        states = 1
        for one in value:
            states = (states & (self._takes.get(one, 0) | self._any)) << 1 | states & self._stays
            if not states:
                return False
        return bool(states & self._end)
