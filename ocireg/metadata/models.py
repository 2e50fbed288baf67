"""The tables as the newest migration leaves them. Times are seconds since the epoch, UTC; sizes are bytes.

A model is bound to no database: each query is given one (``database.py``), so that two applications can live in one
process.
"""

from peewee import (
    AutoField,
    BigIntegerField,
    BlobField,
    BooleanField,
    CompositeKey,
    DoubleField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)


class Organization(Model):
    """Owner of registries: triggers keep the ``size`` of all of these; ``quota`` is its most, NULL of no limit."""

    id = AutoField()
    slug = TextField(unique=True)
    name = TextField()
    created_at = DoubleField()
    size = BigIntegerField(default=0)
    quota = BigIntegerField(null=True)


class Registry(Model):
    """A named collection of repositories; the root registry belongs to no organization and has an empty slug.

    ``policy`` is its OIDC policy as it was written; ``policy_id`` is another one each time that changes. ``path`` is
    ``acme/containers``, "" of the root registry; a trigger writes it. Triggers also keep its ``blobs``, each once, its
    ``manifests``, and the ``size`` of both; ``quota`` is what that may be, NULL of no limit.
    """

    id = AutoField()
    organization = ForeignKeyField(Organization, null=True, on_delete="CASCADE")
    slug = TextField()
    name = TextField()
    description = TextField(default="")
    emoji = TextField(default="")
    colour = TextField(default="")
    visibility = TextField(default="private")
    policy = TextField(default="")
    policy_id = TextField(default="")
    created_at = DoubleField()
    downloads = BigIntegerField(default=0)
    path = TextField(default="", index=True)
    size = BigIntegerField(default=0)
    blobs = IntegerField(default=0)
    manifests = IntegerField(default=0)
    quota = BigIntegerField(null=True)


class Repository(Model):
    """A full image name, as ``acme/containers/web/api``.

    Triggers count what it has (``manifests``, ``tags``; ``size``, of those and of all blobs it knows), and keep when
    something was ``pushed_at`` last.
    """

    id = AutoField()
    registry = ForeignKeyField(Registry, on_delete="CASCADE")
    name = TextField(unique=True)
    created_at = DoubleField()
    pushed_at = DoubleField(null=True)
    downloads = BigIntegerField(default=0)
    manifests = IntegerField(default=0)
    tags = IntegerField(default=0)
    size = BigIntegerField(default=0)


class Blob(Model):
    """Where in the store the bytes of a digest are. A blob pushed under two algorithms is two rows and two objects.

    ``lost``: the store did not have the object when it was last asked for, or it is in quarantine.
    """

    id = AutoField()
    digest = TextField(unique=True)
    size = BigIntegerField()
    key = TextField(unique=True)
    created_at = DoubleField()
    lost = BooleanField(default=False)


class RepositoryBlob(Model):
    """A repository knows a blob; ``protected_until`` keeps it until the manifest that refers to it has come."""

    repository = ForeignKeyField(Repository, index=False, on_delete="CASCADE")
    blob = ForeignKeyField(Blob, on_delete="CASCADE")
    protected_until = DoubleField()

    class Meta:
        """The pair is the key."""

        table_name = "repository_blob"
        primary_key = CompositeKey("repository", "blob")
        without_rowid = True


class Manifest(Model):
    """A manifest in a repository. The object ``key`` is the authority; ``content`` is a copy that may be emptied.

    ``pushed_by`` is a name, "" where it is not known; so it is of tags and their events. ``protected_until`` keeps it
    until an index can refer to it. ``lost``: neither the object nor the copy is what was pushed, as a check has found.
    """

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
    pushed_by = TextField(default="")
    pulled_at = DoubleField(null=True)
    downloads = BigIntegerField(default=0)
    protected_until = DoubleField(default=0)
    lost = BooleanField(default=False)


class ManifestReference(Model):
    """An edge: the manifest refers to a config, a layer or another manifest, in the order it names them.

    ``repository`` is the manifest's. A manifest or a blob that is referred to there is not collected.
    """

    manifest = ForeignKeyField(Manifest, index=False, on_delete="CASCADE")
    position = IntegerField()
    kind = TextField()
    digest = TextField(index=True)
    media_type = TextField()
    size = BigIntegerField()
    repository = ForeignKeyField(Repository, index=False, on_delete="CASCADE", null=True)

    class Meta:
        """The place in the manifest is the key."""

        table_name = "manifest_reference"
        primary_key = CompositeKey("manifest", "position")
        without_rowid = True


class Tag(Model):
    """A tag points at one manifest of its repository."""

    repository = ForeignKeyField(Repository, index=False, on_delete="CASCADE")
    name = TextField()
    manifest = ForeignKeyField(Manifest, on_delete="CASCADE")
    pushed_at = DoubleField()
    pushed_by = TextField(default="")

    class Meta:
        """Names are compared byte by byte, which is the ASCII order that end-8a wants."""

        primary_key = CompositeKey("repository", "name")
        without_rowid = True


class TagEvent(Model):
    """What a tag pointed at and when: ``digest`` is what it points at from then on, NULL when it was deleted."""

    id = AutoField()
    repository = ForeignKeyField(Repository, index=False, on_delete="CASCADE")
    name = TextField()
    digest = TextField(null=True)
    at = DoubleField()
    by = TextField(default="")

    class Meta:
        """The history of tags."""

        table_name = "tag_event"


class Download(Model):
    """How often a manifest was pulled on a day (UTC), which is a number of days since the epoch."""

    manifest = ForeignKeyField(Manifest, index=False, on_delete="CASCADE")
    day = IntegerField()
    count = IntegerField()

    class Meta:
        """The pair is the key."""

        primary_key = CompositeKey("manifest", "day")
        without_rowid = True


class RepositoryDownload(Model):
    """Likewise of a repository; what indexes there refer to does not count."""

    repository = ForeignKeyField(Repository, index=False, on_delete="CASCADE")
    day = IntegerField()
    count = IntegerField()

    class Meta:
        """The pair is the key."""

        table_name = "repository_download"
        primary_key = CompositeKey("repository", "day")
        without_rowid = True


class Upload(Model):
    """An upload session. ``claim`` names the request that appends to it now; its lease ends at ``claim_until``.

    ``settled``: all bytes are there, and what is left is to commit them, which may have been done already.
    ``owner``: the only one who may go on with it, where there are accounts.
    ``successor``: the key under which the one that holds the claim may go on, where it took the session over.
    """

    id = TextField(primary_key=True)
    repository = ForeignKeyField(Repository, on_delete="CASCADE")
    size = BigIntegerField(default=0)
    key = TextField(index=True)
    session = TextField()
    hashes = TextField()
    claim = TextField(null=True)
    claim_until = DoubleField(default=0)
    settled = BooleanField(default=False)
    owner = TextField(default="")
    successor = TextField(null=True, index=True)
    created_at = DoubleField()
    expires_at = DoubleField(index=True)


class Garbage(Model):
    """An object of the store that no row needs any more, to be deleted at ``due_at``."""

    key = TextField(primary_key=True)
    due_at = DoubleField(index=True)

    class Meta:
        """A queue."""

        without_rowid = True


class Fact(Model):
    """What is true of the whole installation, as the identity that the store is marked with."""

    name = TextField(primary_key=True)
    value = TextField()


class AuditEvent(Model):
    """Who did what, when and from where. Names are texts: what they name may be gone. ``detail`` is JSON."""

    id = AutoField()
    at = DoubleField()
    action = TextField()
    actor = TextField()
    credential = TextField()
    address = TextField()
    agent = TextField()
    organization = TextField(null=True)
    registry = TextField(null=True)
    repository = TextField(null=True)
    subject = TextField(null=True)
    outcome = TextField()
    detail = TextField(default="{}")

    class Meta:
        """The audit log."""

        table_name = "audit_event"
