"""The first schema. The models below are its frozen copy: later changes of ``models.py`` do not reach it."""

import time
import uuid

from peewee import (
    AutoField,
    BigIntegerField,
    BlobField,
    CompositeKey,
    Database,
    DoubleField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)
from playhouse.migrate import SchemaMigrator

# ruff: noqa: D101, D106 - documented in models.py


class Organization(Model):
    id = AutoField()
    slug = TextField(unique=True)
    name = TextField()
    created_at = DoubleField()


class Registry(Model):
    id = AutoField()
    organization = ForeignKeyField(Organization, null=True, on_delete="CASCADE")
    slug = TextField()
    name = TextField()
    description = TextField(default="")
    emoji = TextField(default="")
    colour = TextField(default="")
    visibility = TextField(default="private")
    created_at = DoubleField()


class Repository(Model):
    id = AutoField()
    registry = ForeignKeyField(Registry, on_delete="CASCADE")
    name = TextField(unique=True)
    created_at = DoubleField()


class Blob(Model):
    id = AutoField()
    digest = TextField(unique=True)
    size = BigIntegerField()
    key = TextField(unique=True)
    created_at = DoubleField()


class RepositoryBlob(Model):
    repository = ForeignKeyField(Repository, index=False, on_delete="CASCADE")
    blob = ForeignKeyField(Blob, on_delete="CASCADE")
    protected_until = DoubleField()

    class Meta:
        table_name = "repository_blob"
        primary_key = CompositeKey("repository", "blob")
        without_rowid = True


class Manifest(Model):
    id = AutoField()
    repository = ForeignKeyField(Repository, index=False, on_delete="CASCADE")
    digest = TextField()
    size = BigIntegerField()
    media_type = TextField()
    key = TextField(unique=True)
    content = BlobField(null=True)
    artifact_type = TextField(null=True)
    subject = TextField(null=True)
    annotations = TextField(default="{}")
    pushed_at = DoubleField()


class ManifestReference(Model):
    manifest = ForeignKeyField(Manifest, index=False, on_delete="CASCADE")
    position = IntegerField()
    kind = TextField()
    digest = TextField(index=True)
    media_type = TextField()
    size = BigIntegerField()

    class Meta:
        table_name = "manifest_reference"
        primary_key = CompositeKey("manifest", "position")
        without_rowid = True


class Tag(Model):
    repository = ForeignKeyField(Repository, index=False, on_delete="CASCADE")
    name = TextField()
    manifest = ForeignKeyField(Manifest, on_delete="CASCADE")
    pushed_at = DoubleField()

    class Meta:
        primary_key = CompositeKey("repository", "name")
        without_rowid = True


class TagEvent(Model):
    id = AutoField()
    repository = ForeignKeyField(Repository, index=False, on_delete="CASCADE")
    name = TextField()
    digest = TextField(null=True)
    at = DoubleField()

    class Meta:
        table_name = "tag_event"


class Upload(Model):
    id = TextField(primary_key=True)
    repository = ForeignKeyField(Repository, on_delete="CASCADE")
    size = BigIntegerField(default=0)
    key = TextField(index=True)
    session = TextField()
    hashes = TextField()
    claim = TextField(null=True)
    claim_until = DoubleField(default=0)
    created_at = DoubleField()
    expires_at = DoubleField(index=True)


class Garbage(Model):
    key = TextField(primary_key=True)
    due_at = DoubleField(index=True)

    class Meta:
        without_rowid = True


class Fact(Model):
    name = TextField(primary_key=True)
    value = TextField()


MODELS = [
    Organization,
    Registry,
    Repository,
    Blob,
    RepositoryBlob,
    Manifest,
    ManifestReference,
    Tag,
    TagEvent,
    Upload,
    Garbage,
    Fact,
]

# peewee makes these names for itself; the ones it cannot are below.
INDEXES = (
    'CREATE UNIQUE INDEX "registry_slug" ON "registry" (coalesce("organization_id", 0), "slug")',
    'CREATE UNIQUE INDEX "manifest_digest" ON "manifest" ("repository_id", "digest")',
    'CREATE INDEX "manifest_subject" ON "manifest" ("repository_id", "subject", "digest")',
    'CREATE INDEX "tag_event_name" ON "tag_event" ("repository_id", "name", "id")',
)


def up(_migrator: SchemaMigrator, database: Database) -> None:
    """Make the tables, the root registry, and the identity of this installation."""
    with database.bind_ctx(MODELS):
        database.create_tables(MODELS, safe=False)
        for statement in INDEXES:
            database.execute_sql(statement)
        Registry.create(slug="", name="root", created_at=time.time())
        Fact.create(name="installation", value=uuid.uuid4().hex)
