"""Snapshots of the database and what is taken in from the store after one was restored take turns, too."""

from peewee import Database
from playhouse.migrate import SchemaMigrator


def up(_migrator: SchemaMigrator, database: Database) -> None:
    """Add the rows of both."""
    for name in ("backup", "rebuild"):
        database.execute_sql("INSERT INTO task (name) VALUES (?)", (name,))
