"""What is wrong with a policy, and where."""

from collections.abc import Sequence
from dataclasses import dataclass

MOST_FAULTS = 20
"""Faults that are told at once: whoever mends those sees the others next."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One fault: its statement, line and column, all counted from 1, and the reason. No statement: of the whole."""

    statement: int | None
    line: int
    column: int
    reason: str

    def __str__(self) -> str:
        where = f"statement {self.statement}, line {self.line}" if self.statement else f"line {self.line}"
        return f"{where}: {self.reason}"


class PolicyError(ValueError):
    """A text that is no policy: its faults in the order of the text, one a line."""

    def __init__(self, faults: Sequence[Fault]) -> None:
        super().__init__("\n".join(map(str, faults)))
        self.faults = tuple(faults)


def shown(value: object) -> str:
    """Return a value as a message may hold it: in quotes where it is text, escaped, and of bounded length."""
    if isinstance(value, str):
        return repr(value if len(value) <= 100 else value[:100] + "…")
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "null"}[value]
    if isinstance(value, list | dict):
        return "a list" if isinstance(value, list) else "an object"
    return f"{value!r:.100}" if isinstance(value, float) else _digits(value)


def _digits(value: object) -> str:
    """Return a whole number, or how long it is: Python refuses to print thousands of digits."""
    if isinstance(value, int) and value.bit_length() > 256:
        return f"a number of {value.bit_length()} bits"
    return str(value)
