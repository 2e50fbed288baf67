"""What images are built on, of what the asker may read: each statement reads as much whatever is hidden."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ocireg.metadata.database import Database
from ocireg.metadata.models import Registry, Repository, TagEvent
from ocireg.metadata.repositories import Reach, reached, within

ALIKE = 100
"""Images of the same layers, and indexes of the same image, that are looked at."""
_BASE = """
SELECT m.digest, r.id, r.name, c.layers, EXISTS (SELECT 1 FROM tag t WHERE t.manifest_id = m.id)
OR EXISTS (SELECT 1 FROM (
    SELECT manifest_id FROM image_parent WHERE repository_id = m.repository_id AND digest = m.digest
    ORDER BY manifest_id DESC LIMIT {alike}) p JOIN tag t ON t.manifest_id = p.manifest_id) AS tagged
FROM (SELECT manifest_id, layers FROM image_chain WHERE chain = (
    SELECT w.value FROM json_each(?) w
    WHERE EXISTS (SELECT 1 FROM image_chain c WHERE c.chain = w.value AND c.manifest_id < ?{within})
    ORDER BY w.key LIMIT 1) AND manifest_id < ?{within}
    LIMIT {alike}) c
CROSS JOIN manifest m ON m.id = c.manifest_id CROSS JOIN repository r ON r.id = m.repository_id
ORDER BY tagged DESC, m.id LIMIT 1
"""
_LED = """
WITH led(id, digest) AS (
    SELECT id, digest FROM manifest WHERE repository_id = ? AND digest = ?
    UNION ALL SELECT * FROM (SELECT m.id, m.digest FROM image_parent p CROSS JOIN manifest m ON m.id = p.manifest_id
    WHERE p.repository_id = ? AND p.digest = ? ORDER BY p.manifest_id DESC LIMIT ?))
"""
_LEADS = f"""{_LED}
SELECT t.name FROM led CROSS JOIN tag t ON t.manifest_id = led.id ORDER BY t.name = 'latest', t.name LIMIT 1
"""  # noqa: S608 - a statement of ours
_HAS_LED = f"""{_LED}
SELECT e.name FROM led CROSS JOIN tag_event e ON e.repository_id = ? AND e.digest = led.digest
ORDER BY e.id DESC LIMIT 1
"""  # noqa: S608 - likewise
_THERE = """
SELECT EXISTS (SELECT 1 FROM manifest WHERE repository_id = ? AND digest = ?),
EXISTS (SELECT 1 FROM tag_event WHERE repository_id = ? AND digest = ? AND name = ?),
EXISTS (SELECT 1 FROM image_parent p JOIN tag t ON t.manifest_id = p.manifest_id
    WHERE p.repository_id = ? AND p.digest = ? AND t.repository_id = ? AND t.name = ?)
"""


@dataclass(frozen=True, slots=True)
class Base:
    """An image whose layers, ``layers`` of them, are the first ones of another."""

    digest: str
    repository_row: int
    repository: str
    layers: int


@dataclass(frozen=True, slots=True)
class Pointing:
    """What a tag points at; None if it was deleted. ``at`` is when that began, in seconds since the epoch, UTC."""

    digest: str | None
    at: float


@dataclass(frozen=True, slots=True)
class Traces:
    """What is known of a digest and a tag: whether it is there, the tag ever led to it, or leads to an index of it."""

    present: bool
    led: bool
    within: bool


def longest(database: Database, chains: Sequence[str], reach: Reach, before: int) -> Base | None:
    """Return the image with most layers of those that have one of ``chains``, the shortest of which is the first.

    Of several that have the same layers it is one that a tag leads to, and the oldest of these. It was here before the
    manifest of the row ``before``: else anybody could push the first layers of an image and be shown as its base.
    """
    condition, values = _within(reach)
    sql = _BASE.format(within=condition, alike=ALIKE)
    found = database.fetch(sql, json.dumps(chains[::-1]), before, *values, before, *values)
    return Base(found[0], found[1], found[2], found[3]) if found else None


def _within(reach: Reach) -> tuple[str, list[Any]]:
    if not within(reach):
        return "", []
    sql, values = Registry.select(Registry.id).where(*reached(reach)).sql()
    return f" AND registry_id IN ({sql})", values


def repository(database: Database, name: str, reach: Reach) -> int | None:
    """Return the repository of that name, if it may be read."""
    found = database.row(Repository.select(Repository.id).where(Repository.name == name, *within(reach)))
    return int(found[0]) if found else None


def leading(database: Database, repository: int, digest: str) -> tuple[str, bool] | None:
    """Return a tag that leads to a manifest, or to an index of it, and True; else the last that did, and False."""
    led = (repository, digest, repository, digest, ALIKE)
    found = database.fetch(_LEADS, *led)
    if found:
        return str(found[0]), True
    found = database.fetch(_HAS_LED, *led, repository)
    return (str(found[0]), False) if found else None


def pointing(database: Database, repository: int, tag: str) -> Pointing | None:
    """Return what a tag points at, or that it was deleted; None of a tag that was never there."""
    found = database.fetch(
        "SELECT m.digest, t.pushed_at FROM tag t JOIN manifest m ON m.id = t.manifest_id"
        " WHERE t.repository_id = ? AND t.name = ?",
        repository,
        tag,
    )
    if found:
        return Pointing(found[0], found[1])
    event = TagEvent.select(TagEvent.at).where(TagEvent.repository == repository, TagEvent.name == tag)
    gone = database.row(event.order_by(TagEvent.id.desc()).limit(1))
    return Pointing(None, gone[0]) if gone else None


def traces(database: Database, repository: int, tag: str, digest: str) -> Traces:
    """Return what is known of a digest that a tag is said to have led to."""
    there = (repository, digest)
    found = database.fetch(_THERE, *there, *there, tag, *there, repository, tag)
    assert found is not None, "what exists is said of everything"
    return Traces(*map(bool, found))
