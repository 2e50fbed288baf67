"""Uploads that are whole: what is left to do is the commit and the transaction, by whoever comes."""

from peewee import BooleanField, Database
from playhouse.migrate import SchemaMigrator, migrate


def up(migrator: SchemaMigrator, _database: Database) -> None:
    """Add the column; no upload under way is marked."""
    migrate(migrator.add_column("upload", "settled", BooleanField(default=False)))
