"""What the database says should be in the store, in the order in which the store lists it, some rows at a time.

No read lasts longer than one statement: others write meanwhile, and what was read may be another thing by now, which
``still`` tells.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ocireg.metadata.database import Database

AT_ONCE = 500
BLOB, MANIFEST = "blob", "manifest"
_OF = {
    BLOB: "JOIN repository_blob l ON l.blob_id = o.id AND l.repository_id = :repository",
    MANIFEST: "",
}
_WITHIN = {BLOB: "", MANIFEST: "AND o.repository_id = :repository"}


@dataclass(frozen=True, slots=True)
class Row:
    """A row that has an object; ``what`` is ``blob`` or ``manifest``. ``size``: bytes of what was pushed."""

    what: str
    id: int
    key: str
    digest: str
    size: int
    lost: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What the record of a manifest is made of, and the row's copy of it, None where that was emptied."""

    repository: str
    media_type: str
    tags: tuple[str, ...]
    pushed_at: float
    content: bytes | None


def rows(database: Database, what: str, repository: int | None = None) -> Iterator[Row]:
    """Yield what has an object, in order of keys: everything, or what that repository knows."""
    some = "" if repository is None else _OF[what]
    within = "" if repository is None else _WITHIN[what]
    sql = f"""
    SELECT o.id, o.key, o.digest, o.size, o.lost FROM {what} o {some}
    WHERE o.key > :after {within} ORDER BY o.key LIMIT :limit
    """  # noqa: S608 - of the two words above
    after, more = "", True
    while more:
        found = database.fetch_all(sql, {"after": after, "repository": repository, "limit": AT_ONCE})
        for row in found:
            yield Row(what, row[0], row[1], row[2], row[3], bool(row[4]))
        after, more = found[-1][1] if found else after, len(found) == AT_ONCE


def totals(database: Database, what: str, repository: int | None = None) -> tuple[int, int]:
    """Return how many there are, and their bytes."""
    some = "" if repository is None else _OF[what]
    within = "" if repository is None else _WITHIN[what]
    sql = f"SELECT count(*), coalesce(sum(o.size), 0) FROM {what} o {some} WHERE 1 = 1 {within}"  # noqa: S608 - likewise
    found = database.fetch(sql, {"repository": repository})
    return (int(found[0]), int(found[1])) if found else (0, 0)


def still(database: Database, row: Row) -> bool:
    """Say whether the row is there and has the same object."""
    return database.fetch(f"SELECT 1 FROM {row.what} WHERE id = ? AND key = ?", row.id, row.key) is not None  # noqa: S608 - likewise


def told(database: Database, row: Row) -> Told | None:
    """Return what is told of a manifest; None if it is gone, or has another object."""
    sql = """
    SELECT r.name, m.media_type, m.pushed_at, m.content FROM manifest m
    JOIN repository r ON r.id = m.repository_id WHERE m.id = ? AND m.key = ?
    """
    found = database.fetch(sql, row.id, row.key)
    if found is None:
        return None
    tags = database.fetch_all("SELECT name FROM tag WHERE manifest_id = ? ORDER BY name LIMIT 1000", row.id)
    content = None if found[3] is None else bytes(found[3])
    return Told(found[0], found[1], tuple(tag for (tag,) in tags), found[2], content)


def knowing(database: Database, row: Row, limit: int) -> list[str]:
    """Return up to ``limit`` repositories that have it."""
    held = "manifest o" if row.what == MANIFEST else "repository_blob o"
    by = "o.id" if row.what == MANIFEST else "o.blob_id"
    sql = f"SELECT r.name FROM {held} JOIN repository r ON r.id = o.repository_id WHERE {by} = ? LIMIT ?"  # noqa: S608 - likewise
    return [name for (name,) in database.fetch_all(sql, row.id, limit)]


def mark(database: Database, row: Row, *, lost: bool) -> bool:
    """Note whether it is lost; False if it has another object by now, or is gone. Inside a transaction."""
    sql = f"UPDATE {row.what} SET lost = ? WHERE id = ? AND key = ?"  # noqa: S608 - likewise
    return database.change(sql, int(lost), row.id, row.key) == 1


def move(database: Database, row: Row, key: str) -> bool:
    """Let a manifest have its object under another key; likewise. Inside a transaction."""
    return database.change("UPDATE manifest SET key = ?, lost = 0 WHERE id = ? AND key = ?", key, row.id, row.key) == 1


def fill(database: Database, row: Row, content: bytes) -> bool:
    """Make the row's copy of a manifest anew; likewise. Inside a transaction."""
    return database.change("UPDATE manifest SET content = ? WHERE id = ? AND key = ?", content, row.id, row.key) == 1
