"""Globs: ``*`` is zero or more characters, ``/`` included; ``?`` is one; everything else is itself."""

from collections.abc import Sequence
from dataclasses import dataclass, field

MOST_GLOB = 512
"""Characters of a glob."""
MOST_VALUE = 4096
"""Characters of a claim that is matched; a longer one matches nothing."""


@dataclass(frozen=True, slots=True)
class Globs:
    """Globs, ready to match at once, in time that grows with the value alone: there is no way back to take.

    It is an automaton whose states are the bits of a number: bit *n* is set while the first *n* characters of a glob
    (its ``*`` left out) may have been read. Each glob has bits of its own, above those of the one before: from the last
    of them no character leads on. ``texts`` have ``MOST_GLOB`` characters at most.
    """

    texts: Sequence[str]
    _takes: dict[str, int] = field(init=False, repr=False, compare=False, default_factory=dict)
    _any: int = field(init=False, repr=False, compare=False, default=0)
    _stays: int = field(init=False, repr=False, compare=False, default=0)
    _begins: int = field(init=False, repr=False, compare=False, default=0)
    _ends: tuple[int, ...] = field(init=False, repr=False, compare=False, default=())
    _end: int = field(init=False, repr=False, compare=False, default=0)

    def __post_init__(self) -> None:
        state, anything, stays, begins = 1, 0, 0, 0
        ends: list[int] = []
        for text in self.texts:
            begins |= state
            for one in text:
                if one == "*":
                    stays |= state
                    continue
                if one == "?":
                    anything |= state
                else:
                    self._takes[one] = self._takes.get(one, 0) | state
                state <<= 1
            ends.append(state)
            state <<= 1
        made = {"_any": anything, "_stays": stays, "_begins": begins, "_ends": tuple(ends), "_end": sum(ends)}
        for name, value in made.items():
            object.__setattr__(self, name, value)

    def matching(self, value: str) -> tuple[int, ...]:
        """Return the places of the globs that are the whole of ``value``."""
        if len(value) > MOST_VALUE:
            return ()
        states = self._begins
        for one in value:
            states = (states & (self._takes.get(one, 0) | self._any)) << 1 | states & self._stays
            if not states:
                return ()
        if not states & self._end:
            return ()
        return tuple(place for place, end in enumerate(self._ends) if states & end)


@dataclass(frozen=True, slots=True)
class Glob:
    """A glob, ready to match, likewise."""

    text: str
    _globs: Globs = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_globs", Globs((self.text,)))

    def matches(self, value: str) -> bool:
        """Say whether the glob is the whole of ``value``."""
        return bool(self._globs.matching(value))
