"""Whether the database agrees with itself: its file, its references, and the sums that triggers keep."""

from collections.abc import Iterator
from dataclasses import dataclass

from ocireg.metadata.database import Database

AT_ONCE = 100
MOST = 100
"""Problems of one kind that are told."""

_COUNTED = """
(SELECT count(*) FROM manifest m WHERE m.repository_id = r.id),
(SELECT count(*) FROM tag t WHERE t.repository_id = r.id),
(SELECT coalesce(sum(m.size), 0) FROM manifest m WHERE m.repository_id = r.id)
    + (SELECT coalesce(sum(b.size), 0) FROM repository_blob l JOIN blob b ON b.id = l.blob_id
       WHERE l.repository_id = r.id)
"""


@dataclass(frozen=True, slots=True)
class Sums:
    """What a repository says that it has, and what it has: manifests, tags, bytes."""

    id: int
    name: str
    said: tuple[int, int, int]
    counted: tuple[int, int, int]


def problems(database: Database, *, thorough: bool) -> list[str]:
    """Return what SQLite finds wrong with its file; ``thorough``: with its indexes, too, which takes longer."""
    check = "integrity_check" if thorough else "quick_check"
    found = [str(row[0]) for row in database.fetch_all(f"PRAGMA {check}({MOST})")]
    return [] if found == ["ok"] else found


def dangling(database: Database) -> list[str]:
    """Return which tables have rows that refer to what is not there, as a tag to its manifest."""
    sql = 'SELECT DISTINCT "table", "parent" FROM pragma_foreign_key_check LIMIT ?'
    found = database.fetch_all(sql, MOST)
    return [f"a row of {table} refers to a {parent} that is not there" for table, parent in found]


def sums(database: Database, repository: int | None = None) -> Iterator[Sums]:
    """Yield of each repository, or of that one, what it says and what it has. Each is of one moment."""
    where = "r.id > :after" if repository is None else "r.id = :repository AND r.id > :after"
    sql = f"""
    SELECT r.id, r.name, r.manifests, r.tags, r.size, {_COUNTED} FROM repository r
    WHERE {where} ORDER BY r.id LIMIT :limit
    """  # noqa: S608 - of the words above
    after: int | None = 0
    while after is not None:
        found = database.fetch_all(sql, {"after": after, "repository": repository, "limit": AT_ONCE})
        for row in found:
            yield Sums(row[0], row[1], (row[2], row[3], row[4]), (row[5], row[6], row[7]))
        after = found[-1][0] if found else None


def recount(database: Database, repository: int) -> None:
    """Write what a repository has. Inside a transaction."""
    sql = f"UPDATE repository AS r SET (manifests, tags, size) = (SELECT {_COUNTED}) WHERE r.id = ?"  # noqa: S608 - likewise
    database.change(sql, repository)
