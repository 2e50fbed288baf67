"""Events of the audit log as files: written as they are read, a part at a time, and of bounded length."""

import csv
import json
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from io import StringIO
from typing import Any

from ocireg.metadata import audit
from ocireg.metadata.audit import StoredEvent
from ocireg.metadata.database import Database

MOST = 100_000
"""Events of a file."""
AT_ONCE = 500
"""Events that are read, and held, at once."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What makes a program for tables compute a cell instead of showing it."""


@dataclass(frozen=True, slots=True)
class Kind:
    """A form of file."""

    media_type: str
    write: Callable[[Iterable[StoredEvent]], Iterator[str]]


def events(database: Database, wanted: dict[str, Any], most: int = MOST) -> Iterator[StoredEvent]:
    """Yield up to ``most`` events, the newest first; ``wanted`` is as ``audit.page`` takes it."""
    left, before = most, None
    while left and (found := audit.page(database, before=before, limit=min(left, AT_ONCE), **wanted)):
        yield from found
        left, before = left - len(found), found[-1].id


def as_json(found: Iterable[StoredEvent]) -> Iterator[str]:
    """Yield a line of each event: all its fields, as ``ocireg audit --json`` prints them."""
    for one in found:
        yield json.dumps(asdict(one)) + "\n"


def as_table(found: Iterable[StoredEvent]) -> Iterator[str]:
    """Yield the lines of a table (RFC 4180), with a head. No cell is a formula: strangers choose what is in them."""
    yield _line(StoredEvent.__slots__)
    for one in found:
        at = datetime.fromtimestamp(one.at, UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        cells = {**asdict(one), "at": at, "detail": json.dumps(one.detail, ensure_ascii=False) if one.detail else ""}
        yield _line(cells.values())


def _line(cells: Iterable[object]) -> str:
    out = StringIO()
    csv.writer(out).writerow(["" if cell is None else _inert(str(cell)) for cell in cells])
    return out.getvalue()


def _inert(cell: str) -> str:
    begins = unicodedata.normalize("NFKC", cell[:1] + cell.lstrip()[:1])  # some take full-width signs for the others
    return f"'{cell}" if any(one in FORMULA for one in begins) else cell


KINDS = {"csv": Kind("text/csv", as_table), "jsonl": Kind("application/x-ndjson", as_json)}
