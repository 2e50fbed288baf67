"""Rules: what a claim must be. Each matcher is a class; ``MATCHERS`` is their table."""

from dataclasses import dataclass
from typing import Protocol

from ocireg.auth.policy.errors import shown
from ocireg.auth.policy.nodes import Value
from ocireg.oci.glob import Glob


class Matcher(Protocol):
    """One condition on one claim that is there."""

    def holds(self, claim: object) -> bool:
        """Say whether it holds."""
        ...

    def __str__(self) -> str: ...


def same(claim: object, value: Value) -> bool:
    """Say whether a claim is a value, type included: ``1``, ``1.0``, ``true`` and ``"1"`` are four. A list is none."""
    return type(claim) is type(value) and claim == value


@dataclass(frozen=True, slots=True)
class Equals:
    """``equals``."""

    value: Value

    def holds(self, claim: object) -> bool:
        """Say whether it holds."""
        return same(claim, self.value)

    def __str__(self) -> str:
        return f"equals {shown(self.value)}"


@dataclass(frozen=True, slots=True)
class NotEquals:
    """``not_equals``."""

    value: Value

    def holds(self, claim: object) -> bool:
        """Say whether it holds."""
        return not same(claim, self.value)

    def __str__(self) -> str:
        return f"not_equals {shown(self.value)}"


@dataclass(frozen=True, slots=True)
class In:
    """``in``."""

    values: tuple[Value, ...]

    def holds(self, claim: object) -> bool:
        """Say whether it holds."""
        return any(same(claim, value) for value in self.values)

    def __str__(self) -> str:
        return f"in {_listed(self.values)}"


@dataclass(frozen=True, slots=True)
class NotIn:
    """``not_in``."""

    values: tuple[Value, ...]

    def holds(self, claim: object) -> bool:
        """Say whether it holds."""
        return not any(same(claim, value) for value in self.values)

    def __str__(self) -> str:
        return f"not_in {_listed(self.values)}"


@dataclass(frozen=True, slots=True)
class Matches:
    """``matches``: one of its globs does, and the claim is a text."""

    globs: tuple[Glob, ...]

    def holds(self, claim: object) -> bool:
        """Say whether it holds."""
        return isinstance(claim, str) and any(glob.matches(claim) for glob in self.globs)

    def __str__(self) -> str:
        return f"matches {_listed([glob.text for glob in self.globs])}"


@dataclass(frozen=True, slots=True)
class Rule:
    """What a claim must be: all its matchers hold."""

    claim: str
    matchers: tuple[Matcher, ...]

    def fault(self, claims: dict[str, object]) -> str | None:
        """Return why claims break the rule, None if they keep it. A claim that is not there breaks every rule."""
        if self.claim not in claims:
            return f"the claim {shown(self.claim)} is missing"
        value = claims[self.claim]
        for one in self.matchers:
            if not one.holds(value):
                return f"the claim {shown(self.claim)} is {shown(value)}: wanted {one}"
        return None


def _listed(values: "tuple[Value, ...] | list[str]") -> str:
    return f"[{', '.join(map(shown, values[:5]))}{', …' if len(values) > 5 else ''}]"
