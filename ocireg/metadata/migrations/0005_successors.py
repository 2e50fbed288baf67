"""Uploads that are taken over: the key under which the one that does so may go on is known with its claim."""

from peewee import Database
from playhouse.migrate import SchemaMigrator


def up(_migrator: SchemaMigrator, database: Database) -> None:
    """Add the key, and its index: the clean-up asks by it."""
    database.execute_sql('ALTER TABLE "upload" ADD COLUMN "successor" TEXT')
    database.execute_sql('CREATE INDEX "upload_successor" ON "upload" ("successor")')
