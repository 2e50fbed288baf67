"""A blob whose object the store no longer has is marked, so that its next push is taken in and heals it."""

from peewee import Database
from playhouse.migrate import SchemaMigrator


def up(_migrator: SchemaMigrator, database: Database) -> None:
    """Add the mark."""
    database.execute_sql('ALTER TABLE "blob" ADD COLUMN "lost" INTEGER NOT NULL DEFAULT 0')
