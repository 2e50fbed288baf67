"""Who has signed in to the pages: a row a browser, so that signing out ends it wherever its cookie is."""

from peewee import Database, DoubleField, ForeignKeyField, Model, TextField
from playhouse.migrate import SchemaMigrator

# ruff: noqa: D101, D106 - documented in session_models.py


class User(Model):
    id = TextField(primary_key=True)

    class Meta:
        table_name = "account"


class LoginSession(Model):
    id = TextField(primary_key=True)
    user = ForeignKeyField(User, on_delete="CASCADE")
    reference = TextField()
    address = TextField(default="")
    agent = TextField(default="")
    created_at = DoubleField()
    expires_at = DoubleField(index=True)

    class Meta:
        table_name = "login_session"


def up(_migrator: SchemaMigrator, database: Database) -> None:
    """Make the table."""
    with database.bind_ctx([User, LoginSession], bind_refs=False, bind_backrefs=False):
        database.create_tables([LoginSession])
