"""Objects whose bytes are not what was pushed: they are not served, and stay until a sound one takes their place.

A trigger lets an object out when it becomes garbage (migration 0016), whatever made it that.
"""

from ocireg.metadata.database import Database


def add(database: Database, key: str, *, what: str, digest: str, reason: str) -> None:
    """Set an object aside. Inside a transaction. ``what``: a blob or a manifest; ``reason``: the kind of its fault."""
    sql = "INSERT INTO quarantine (key, what, digest, reason, at) VALUES (?, ?, ?, ?, ?) ON CONFLICT (key) DO NOTHING"
    database.change(sql, key, what, digest, reason, database.now())


def holds(database: Database, key: str) -> bool:
    """Say whether an object is set aside."""
    return database.fetch("SELECT 1 FROM quarantine WHERE key = ?", key) is not None


def release(database: Database, key: str) -> None:
    """Let an object be served again. Inside a transaction."""
    database.change("DELETE FROM quarantine WHERE key = ?", key)


def count(database: Database) -> int:
    """Return how many objects are set aside."""
    found = database.fetch("SELECT count(*) FROM quarantine")
    return int(found[0]) if found else 0
