"""Retention policies that people begin with."""

from dataclasses import dataclass

from ocireg.registry.retention.policy import EVERYTHING, Keep, Policy, Rule

_RELEASES = Rule(EVERYTHING, ("v*", "*.*.*", "latest"), Keep(always=True))


@dataclass(frozen=True, slots=True)
class Preset:
    """A policy, and what people call it."""

    title: str
    policy: Policy


PRESETS = {
    "releases": Preset(
        "the last 10 of each image, releases for ever", Policy((Rule(keep=Keep(last_pushed=10)), _RELEASES))
    ),
    "branches": Preset(
        "branches and pull requests for two weeks",
        Policy((Rule(EVERYTHING, ("pr-*", "branch-*"), Keep(pushed_within_days=14)),)),
    ),
    "used": Preset(
        "what was pushed or pulled within 90 days",
        Policy((Rule(keep=Keep(pushed_within_days=90, pulled_within_days=90)),), 7),
    ),
}
"""By the name that links have."""
