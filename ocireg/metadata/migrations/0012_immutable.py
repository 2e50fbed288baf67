"""Rules of registries that say which tags are immutable."""

from peewee import Database
from playhouse.migrate import SchemaMigrator

STATEMENTS = (
    """CREATE TABLE immutable_rule (
    id TEXT NOT NULL PRIMARY KEY,
    registry_id INTEGER NOT NULL REFERENCES registry (id) ON DELETE CASCADE,
    tags TEXT NOT NULL, repositories TEXT NOT NULL, exceptions TEXT NOT NULL,
    fallback_tags INTEGER NOT NULL DEFAULT 0, created_at REAL NOT NULL)""",
    "CREATE INDEX immutable_rule_registry ON immutable_rule (registry_id)",
)


def up(_migrator: SchemaMigrator, database: Database) -> None:
    """Add the table."""
    for statement in STATEMENTS:
        database.execute_sql(statement)
