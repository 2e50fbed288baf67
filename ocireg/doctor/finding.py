"""What a check has found."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How a check ended; ``Skip`` is one that was not tried, since it needs another one that failed."""

    PASS = "Pass"  # noqa: S105 - a verdict
    WARN = "Warn"
    FAIL = "Fail"
    SKIP = "Skip"


@dataclass(frozen=True, slots=True)
class Finding:
    """A check: how it ended, its name, what was looked at, what the store or the system said, and what to do.

    Each of the texts is one line; the last two are empty where there is nothing to mend.
    """

    verdict: Verdict
    check: str
    text: str
    message: str = ""
    advice: str = ""


def passed(check: str, text: str) -> Finding:
    """Return what is well."""
    return Finding(Verdict.PASS, check, text)


def warned(check: str, text: str, message: str, advice: str) -> Finding:
    """Return what works, and not as it should."""
    return Finding(Verdict.WARN, check, text, _one_line(message), advice)


def failed(check: str, text: str, message: str, advice: str) -> Finding:
    """Return what does not work."""
    return Finding(Verdict.FAIL, check, text, _one_line(message), advice)


def not_tried(check: str, because: str) -> Finding:
    """Return what was not looked at, and why."""
    return Finding(Verdict.SKIP, check, f"not tried: {because}")


def _one_line(text: str) -> str:
    return " ".join(text.split())
