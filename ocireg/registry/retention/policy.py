"""The retention policy of a registry: what its rules say, and how that is written as JSON."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

MOST_RULES = 20
MOST_PATTERNS = 20
"""Of one rule, of either kind."""
LONGEST_PATTERN = 256
"""Characters."""
MOST_COUNT = 100_000
"""Tags that a rule keeps by their number."""
MOST_DAYS = 36_500
EVERYTHING = ("*",)
DAY = 86_400.0
"""Seconds."""

_REPOSITORY = re.compile(r"[a-z0-9._/*?-]+")
_TAG = re.compile(r"[A-Za-z0-9._*?-]+")
_BOUNDS = {
    "last_pushed": MOST_COUNT,
    "last_pulled": MOST_COUNT,
    "pushed_within_days": MOST_DAYS,
    "pulled_within_days": MOST_DAYS,
}


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong, and where: ``rules.0.tags``; rules are counted from 0 there, and from 1 in words."""

    where: str
    reason: str

    def __str__(self) -> str:
        return f"{self.where}: {self.reason}" if self.where else self.reason


class RetentionError(ValueError):
    """What is no policy: its faults, one a line."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


@dataclass(frozen=True, slots=True)
class Keep:
    """What of the tags that a rule is about it keeps: those for which one of these is true. None: that says nothing.

    ``last_pushed`` and ``last_pulled``: so many of each repository.
    """

    always: bool = False
    last_pushed: int | None = None
    last_pulled: int | None = None
    pushed_within_days: int | None = None
    pulled_within_days: int | None = None

    def written(self) -> dict[str, Any]:
        """Return it as JSON has it: what it does not say is not there."""
        found = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in found.items() if value is not None and value is not False}

    def __bool__(self) -> bool:
        return bool(self.written())


@dataclass(frozen=True, slots=True)
class Rule:
    """Globs of the repositories and tags that it is about (one of each kind must fit), and what it keeps of them.

    A repository is named as in its registry: ``web/api``.
    """

    repositories: tuple[str, ...] = EVERYTHING
    tags: tuple[str, ...] = EVERYTHING
    keep: Keep = Keep()

    def written(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {"repositories": list(self.repositories), "tags": list(self.tags), "keep": self.keep.written()}


@dataclass(frozen=True, slots=True)
class Policy:
    """Rules, and how many days a manifest without a tag stays (0: for ever; None: as the installation has it)."""

    rules: tuple[Rule, ...] = ()
    untagged_after_days: int | None = None

    @property
    def untagged(self) -> float | None:
        """How long what has no tag stays, in seconds; likewise."""
        return None if self.untagged_after_days is None else self.untagged_after_days * DAY

    def written(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        found: dict[str, Any] = {"rules": [one.written() for one in self.rules]}
        return found | ({} if self.untagged_after_days is None else {"untagged_after_days": self.untagged_after_days})

    def text(self) -> str:
        """Return it as it is kept: the same policy is the same text."""
        return json.dumps(self.written(), separators=(",", ":"))


def parse(document: object) -> Policy:
    """Return the policy that a document of JSON is. ``RetentionError`` with all its faults."""
    reader = _Reader()
    found = reader.policy(document)
    if reader.faults:
        raise RetentionError(reader.faults)
    return found


def kept(text: str) -> Policy:
    """Return the policy of a text that ``Policy.text`` wrote."""
    return parse(json.loads(text))


class _Reader:
    """Reads one document; ``faults`` are those that it found."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def policy(self, document: object) -> Policy:
        found = self._object(document, "", ("rules", "untagged_after_days"))
        rules = found.get("rules", [])
        if not isinstance(rules, list) or len(rules) > MOST_RULES:
            self._fault("rules", f"a list of {MOST_RULES} rules at most")
            rules = []
        untagged = self._number(found.get("untagged_after_days"), "untagged_after_days", 0, MOST_DAYS)
        return Policy(tuple(self._rule(one, f"rules.{place}") for place, one in enumerate(rules)), untagged)

    def _rule(self, document: object, where: str) -> Rule:
        found = self._object(document, where, ("repositories", "tags", "keep"))
        repositories = self._patterns(found.get("repositories", ["*"]), f"{where}.repositories", _REPOSITORY)
        tags = self._patterns(found.get("tags", ["*"]), f"{where}.tags", _TAG)
        if not isinstance(document, dict):
            return Rule()
        if "keep" not in found:
            self._fault(f"{where}.keep", "is missing: it says what the rule keeps")
            return Rule(repositories, tags)
        keep = self._keep(found["keep"], f"{where}.keep")
        return Rule(repositories, tags, keep)

    def _keep(self, document: object, where: str) -> Keep:
        before = len(self.faults)
        found = self._object(document, where, ("always", *_BOUNDS))
        always = found.get("always", False)
        if not isinstance(always, bool):
            self._fault(f"{where}.always", "true, or false")
        numbers = {name: self._number(found.get(name), f"{where}.{name}", 1, most) for name, most in _BOUNDS.items()}
        keep = Keep(always is True, **numbers)
        if not keep and len(self.faults) == before:
            self._fault(where, "a rule that keeps nothing would delete all that it is about: say what stays")
        return keep

    def _patterns(self, found: object, where: str, form: re.Pattern[str]) -> tuple[str, ...]:
        if not isinstance(found, list) or not 1 <= len(found) <= MOST_PATTERNS:
            self._fault(where, f"a list of 1 to {MOST_PATTERNS} patterns")
            return EVERYTHING
        for one in found:
            if not isinstance(one, str) or not 1 <= len(one) <= LONGEST_PATTERN or not form.fullmatch(one):
                shown = ascii(one if isinstance(one, str) else type(one).__name__)[:80]
                self._fault(where, f"{shown} fits no name: * is any characters, ? is one, the rest is itself")
        return tuple(str(one) for one in found)

    def _number(self, found: object, where: str, least: int, most: int) -> int | None:
        if found is None:
            return None
        if not isinstance(found, int) or isinstance(found, bool) or not least <= found <= most:
            self._fault(where, f"a whole number from {least} to {most}")
            return None
        return found

    def _object(self, document: object, where: str, known: tuple[str, ...]) -> Mapping[str, Any]:
        if not isinstance(document, dict):
            self._fault(where, f"an object with {', '.join(known)}")
            return {}
        for name in document:
            if name not in known:
                self._fault(where, f"unknown key {ascii(name)[:80]}: wanted {', '.join(known)}")
        return document

    def _fault(self, where: str, reason: str) -> None:
        if len(self.faults) < MOST_RULES:
            self.faults.append(Fault(where, reason))
