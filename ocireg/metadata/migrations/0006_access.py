"""Who may do what: users, memberships, grants, tokens, policies, and whose an upload is.

Identifiers of people and credentials are random: a number would be given to the next when its owner is gone.
"""

from peewee import BooleanField, CompositeKey, Database, DoubleField, ForeignKeyField, Model, TextField
from playhouse.migrate import SchemaMigrator, migrate

# ruff: noqa: D101, D106 - documented in access_models.py


class Organization(Model):
    pass


class Registry(Model):
    pass


class User(Model):
    id = TextField(primary_key=True)
    name = TextField(unique=True)
    password = TextField(null=True)
    admin = BooleanField(default=False)
    created_at = DoubleField()

    class Meta:
        table_name = "account"


class Membership(Model):
    user = ForeignKeyField(User, index=False, on_delete="CASCADE")
    organization = ForeignKeyField(Organization, on_delete="CASCADE")
    role = TextField()

    class Meta:
        primary_key = CompositeKey("user", "organization")
        without_rowid = True


class Grant(Model):
    user = ForeignKeyField(User, index=False, on_delete="CASCADE")
    registry = ForeignKeyField(Registry, on_delete="CASCADE")
    level = TextField()

    class Meta:
        table_name = "registry_grant"
        primary_key = CompositeKey("user", "registry")
        without_rowid = True


class ApiToken(Model):
    id = TextField(primary_key=True)
    user = ForeignKeyField(User, on_delete="CASCADE")
    description = TextField()
    hash = TextField(unique=True)
    scopes = TextField()
    networks = TextField(default="")
    created_at = DoubleField()
    expires_at = DoubleField(null=True)
    last_used_at = DoubleField(null=True)

    class Meta:
        table_name = "api_token"


class RegistryToken(Model):
    id = TextField(primary_key=True)
    registry = ForeignKeyField(Registry, on_delete="CASCADE")
    description = TextField()
    hash = TextField(unique=True)
    created_at = DoubleField()
    last_used_at = DoubleField(null=True)

    class Meta:
        table_name = "registry_token"


MODELS = [User, Membership, Grant, ApiToken, RegistryToken]


def up(migrator: SchemaMigrator, database: Database) -> None:
    """Add the tables and columns; the first generation of access begins."""
    with database.bind_ctx([Organization, Registry, *MODELS]):
        database.create_tables(MODELS, safe=False)
    migrate(
        migrator.add_column("registry", "policy", TextField(default="")),
        migrator.add_column("registry", "policy_id", TextField(default="")),
        migrator.add_column("upload", "owner", TextField(default="")),
    )
    database.execute_sql('CREATE INDEX "upload_owner" ON "upload" ("owner")')
    database.execute_sql('CREATE INDEX "repository_registry" ON "repository" ("registry_id", "name")')
    database.execute_sql('INSERT INTO "fact" ("name", "value") VALUES (\'generation\', \'1\')')
