"""Figures and times as people read them."""

import json
from datetime import UTC, datetime

import humanize
from markupsafe import Markup

from ocireg.metadata.printable import printable

NOTHING = "-"
"""What stands where there is no figure."""


def size(count: int | None) -> str:
    """Return bytes in a unit that fits: ``12.3 MiB``."""
    return (
        NOTHING if count is None else str(humanize.naturalsize(count, binary=True, format="%.1f")).replace(".0 ", " ")
    )


def number(count: int | None) -> str:
    """Return a count with separators: ``12,345``."""
    return NOTHING if count is None else str(humanize.intcomma(count))


def moment(at: float | None) -> Markup | str:
    """Return a time (seconds since the epoch, UTC): how long ago it was, and exactly, for who points at it."""
    if at is None:
        return NOTHING
    when = datetime.fromtimestamp(at, UTC)
    exact = when.isoformat(timespec="seconds").replace("+00:00", "Z")
    told = humanize.naturaltime(when, when=datetime.now(UTC))
    return Markup('<time datetime="{}" title="{}">{}</time>').format(
        exact, when.strftime("%Y-%m-%d %H:%M:%S UTC"), told
    )


def duration(seconds: float) -> str:
    """Return how long something is: ``6 hours``, ``a day``."""
    return str(humanize.naturaldelta(seconds))


def short(digest: str) -> str:
    """Return a digest as lists have it."""
    algorithm, _, encoded = digest.partition(":")
    return f"{algorithm}:{encoded[:12]}"


def exactly(at: float) -> str:
    """Return a time (seconds since the epoch, UTC) with its thousandths: ``2026-05-01 12:00:00.123``."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3]


def compact(value: object) -> str:
    """Return JSON of a value, on one line."""
    return json.dumps(value, ensure_ascii=False)


FILTERS = {
    "size": size,
    "number": number,
    "moment": moment,
    "duration": duration,
    "short": short,
    "exactly": exactly,
    "compact": compact,
    "clean": printable,
}
