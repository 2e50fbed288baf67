"""What becomes of each tag of a repository by a policy, and which rule says so. It knows no database.

A tag is subject to retention if a rule is about it. Of those, one stays if any rule that is about it keeps it, and goes
otherwise.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from ocireg.metadata.retained import Tagged
from ocireg.oci.glob import Glob
from ocireg.registry.retention.policy import DAY, Keep, Policy, Rule

TOLD = 3
"""Rules that the reason of a verdict names."""

FOLLOWS = "it follows its subject"
NOBODY = "no rule is about it"
FRESH = "it was pushed a short while ago"


@dataclass(frozen=True, slots=True)
class Verdict:
    """A tag stays (``keep``) or goes, by the rule of that number (from 1; None: by no rule), and why in words."""

    tag: Tagged
    keep: bool
    rule: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Terms:
    """What else decides: ``now`` and the ``floor`` (seconds) for which every tag stays after its push.

    ``followers``: tags that stand for what is there; they are not counted. ``exempt``: the reasons of tags that
    nothing may delete, by name; they are.
    """

    now: float
    floor: float
    followers: Collection[str] = frozenset()
    exempt: Mapping[str, str] | None = None


def judge(policy: Policy, repository: str, tags: Sequence[Tagged], terms: Terms) -> list[Verdict]:
    """Return a verdict on each tag of a repository (its name in its registry), in the order that they came in."""
    counted = [one for one in tags if one.name not in terms.followers]
    rules = [
        _Judged(number, rule, counted, terms)
        for number, rule in enumerate(policy.rules, 1)
        if _fits(rule.repositories, repository)
    ]
    return [_verdict(one, rules, terms) for one in tags]


def concerns(policy: Policy, repository: str) -> bool:
    """Say whether a rule is about a repository."""
    return any(_fits(rule.repositories, repository) for rule in policy.rules)


class _Judged:
    """A rule over the tags of a repository: which it is about, and where these are by their last push and pull."""

    def __init__(self, number: int, rule: Rule, tags: Iterable[Tagged], terms: Terms) -> None:
        self.number = number
        self._keep = rule.keep
        self._now = terms.now
        matcher = _Matcher(rule.tags)
        about = [one for one in tags if matcher.fits(one.name)]
        self._about = {one.name for one in about}
        self._pushed = _places(sorted(about, key=lambda one: (one.pushed_at, one.name), reverse=True))
        pulled = [(one.pulled_at, one.name, one) for one in about if one.pulled_at is not None]
        self._pulled = _places(one for *_, one in sorted(pulled, key=lambda one: one[:2], reverse=True))

    def is_about(self, tag: Tagged) -> bool:
        return tag.name in self._about

    def keeping(self, tag: Tagged) -> str:
        """Return why the rule keeps a tag; "" where it does not."""
        keep, pushed, pulled = self._keep, self._pushed[tag.name], self._pulled.get(tag.name)
        if keep.always:
            return "always kept"
        if keep.last_pushed is not None and pushed <= keep.last_pushed:
            return f"number {pushed} of the last {keep.last_pushed} pushed"
        if keep.last_pulled is not None and pulled is not None and pulled <= keep.last_pulled:
            return f"number {pulled} of the last {keep.last_pulled} pulled"
        if self._within(tag.pushed_at, keep.pushed_within_days):
            return f"pushed within {_days(keep.pushed_within_days)}"
        if self._within(tag.pulled_at, keep.pulled_within_days):
            return f"pulled within {_days(keep.pulled_within_days)}"
        return ""

    def refusing(self, tag: Tagged) -> str:
        """Return why the rule does not keep a tag."""
        return ", ".join(_missed(self._keep, self._pushed[tag.name], self._pulled.get(tag.name)))

    def _within(self, at: float | None, days: int | None) -> bool:
        return at is not None and days is not None and at >= self._now - days * DAY


def _missed(keep: Keep, pushed: int, pulled: int | None) -> Iterator[str]:
    if keep.last_pushed is not None:
        yield f"number {pushed} by push, and {keep.last_pushed} stay"
    if keep.last_pulled is not None:
        yield "never pulled" if pulled is None else f"number {pulled} by pull, and {keep.last_pulled} stay"
    if keep.pushed_within_days is not None:
        yield f"not pushed within {_days(keep.pushed_within_days)}"
    if keep.pulled_within_days is not None:
        yield f"not pulled within {_days(keep.pulled_within_days)}"


def _verdict(tag: Tagged, rules: Sequence[_Judged], terms: Terms) -> Verdict:
    if tag.name in terms.followers:
        return Verdict(tag, True, None, FOLLOWS)
    if terms.exempt and tag.name in terms.exempt:
        return Verdict(tag, True, None, terms.exempt[tag.name])
    about = [one for one in rules if one.is_about(tag)]
    if not about:
        return Verdict(tag, True, None, NOBODY)
    for one in about:
        if why := one.keeping(tag):
            return Verdict(tag, True, one.number, why)
    if tag.pushed_at > terms.now - terms.floor:
        return Verdict(tag, True, None, FRESH)
    told = "; ".join(f"rule {one.number}: {one.refusing(tag)}" for one in about[:TOLD])
    more = f"; and {len(about) - TOLD} more" if len(about) > TOLD else ""
    return Verdict(tag, False, about[0].number, told + more)


class _Matcher:
    """Globs of which one has to fit."""

    def __init__(self, patterns: Sequence[str]) -> None:
        self._all = "*" in patterns
        self._globs = [Glob(one) for one in patterns]

    def fits(self, text: str) -> bool:
        return self._all or any(one.matches(text) for one in self._globs)


def _fits(patterns: Sequence[str], text: str) -> bool:
    return _Matcher(patterns).fits(text)


def _places(ordered: Iterable[Tagged]) -> dict[str, int]:
    return {one.name: place for place, one in enumerate(ordered, 1)}


def _days(count: int | None) -> str:
    return "a day" if count == 1 else f"{count} days"
