"""A policy, and what it decides."""

from collections.abc import Mapping
from dataclasses import dataclass

from ocireg.auth.policy.errors import shown
from ocireg.auth.policy.rules import Rule

SCOPES = ("read_packages", "write_packages", "delete_packages")
"""What a statement may grant."""
DEFAULT_SCOPES = frozenset({"read_packages", "write_packages"})
"""What it grants where it does not say."""


@dataclass(frozen=True, slots=True)
class Statement:
    """Who: tokens of an issuer whose claims keep all rules. What: scopes."""

    iss: str
    rules: tuple[Rule, ...]
    scopes: frozenset[str] = DEFAULT_SCOPES

    def fault(self, iss: str, claims: Mapping[str, object]) -> str | None:
        """Return why a token is not meant, None if it is."""
        if iss != self.iss:
            return f"the issuer is {shown(iss)}: wanted {shown(self.iss)}"
        known = dict(claims)
        return next((said for rule in self.rules if (said := rule.fault(known)) is not None), None)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a statement, counted from 1: it won, or the reason why not."""

    statement: int
    won: bool
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """The statement that won, None if none did; what it grants; and every statement that was looked at, in order."""

    statement: int | None
    scopes: frozenset[str]
    outcomes: tuple[Outcome, ...]

    @property
    def granted(self) -> bool:
        """Whether the token is accepted at all."""
        return self.statement is not None


@dataclass(frozen=True, slots=True)
class Policy:
    """Statements in their order. Without any it grants nobody anything."""

    statements: tuple[Statement, ...] = ()

    @property
    def issuers(self) -> frozenset[str]:
        """The issuers that statements name: a token of any other needs no look at its signature."""
        return frozenset(one.iss for one in self.statements)

    def decide(self, iss: str, claims: Mapping[str, object]) -> Decision:
        """Return what a token is granted, by the first statement that means it, and by that one alone."""
        outcomes: list[Outcome] = []
        for number, statement in enumerate(self.statements, 1):
            fault = statement.fault(iss, claims)
            if fault is None:
                outcomes.append(Outcome(number, won=True, reason="the issuer and all claims are as wanted"))
                return Decision(number, statement.scopes, tuple(outcomes))
            outcomes.append(Outcome(number, won=False, reason=fault))
        return Decision(None, frozenset(), tuple(outcomes))
