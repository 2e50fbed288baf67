"""Checks of the database against the store: what they set aside, and whose turn it is.

An object leaves the quarantine when it becomes garbage: a sound one has taken its place, or nobody needs it.
"""

from peewee import Database
from playhouse.migrate import SchemaMigrator

STATEMENTS = (
    "ALTER TABLE manifest ADD COLUMN lost INTEGER NOT NULL DEFAULT 0",
    """CREATE TABLE quarantine (
    key TEXT NOT NULL PRIMARY KEY, what TEXT NOT NULL, digest TEXT NOT NULL, reason TEXT NOT NULL, at REAL NOT NULL)""",
    """CREATE TRIGGER quarantine_left AFTER INSERT ON garbage BEGIN
    DELETE FROM quarantine WHERE key = NEW.key; END""",
    "INSERT INTO task (name) VALUES ('check')",
)


def up(_migrator: SchemaMigrator, database: Database) -> None:
    """Add the mark, the table and the task; nothing is set aside."""
    for statement in STATEMENTS:
        database.execute_sql(statement)
