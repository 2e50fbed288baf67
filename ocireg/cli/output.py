"""What commands print: tables for people, JSON for programs. Text of others never steers a terminal."""

import json
import sys
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime

from ocireg.metadata.printable import printable

NEVER = "never"


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print columns, aligned."""
    every = [list(head), *([printable(cell) for cell in row] for row in rows)]
    widths = [max(len(row[place]) for row in every) for place in range(len(head))]
    for row in every:
        print("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())


def card(rows: Sequence[tuple[str, str]]) -> None:
    """Print what one thing is like, a line each; what is empty is left out."""
    width = max(len(name) for name, _ in rows)
    for name, text in rows:
        if text:
            print(f"{name:{width}}  {printable(text)}")


def document(content: object) -> None:
    """Print one document of JSON, in ASCII."""
    print(json.dumps(content, indent=2))


def aside(text: str) -> None:
    """Print what is for people beside an output that is for programs."""
    print(printable(text), file=sys.stderr)


def said(text: str) -> None:
    """Print what was done."""
    print(printable(text))


def moment(seconds: float | None) -> str:
    """Return a time, in UTC; a time that never comes or came is ``never``."""
    if seconds is None:
        return NEVER
    try:
        return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%d %H:%M:%S")
    except (ValueError, OverflowError, OSError):
        return "?"  # what the database holds was not written by this program


def verbatim(text: str) -> None:
    """Print a text as it is; on a terminal without what would steer it."""
    if sys.stdout.isatty():
        text = "\n".join("".join(one for one in line if one.isprintable()) for line in text.splitlines())
    print(text, end="" if text.endswith("\n") else "\n")
