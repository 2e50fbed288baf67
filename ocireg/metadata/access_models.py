"""The tables of who may do what, as the newest migration leaves them. See ``models.py``."""

from peewee import BooleanField, CompositeKey, DoubleField, ForeignKeyField, Model, TextField

from ocireg.metadata.models import Organization, Registry


class User(Model):
    """Who logs in, and owns API tokens. ``password`` is its hash, if there is one; ``admin`` of the instance."""

    id = TextField(primary_key=True)
    name = TextField(unique=True)
    password = TextField(null=True)
    admin = BooleanField(default=False)
    created_at = DoubleField()

    class Meta:
        """``user`` is a word of SQL."""

        table_name = "account"


class Membership(Model):
    """A user belongs to an organization, as its ``admin`` or as a ``member``."""

    user = ForeignKeyField(User, index=False, on_delete="CASCADE")
    organization = ForeignKeyField(Organization, on_delete="CASCADE")
    role = TextField()

    class Meta:
        """The pair is the key."""

        primary_key = CompositeKey("user", "organization")
        without_rowid = True


class Grant(Model):
    """A user has a level (``read``, ``write``, ``admin``) on a registry."""

    user = ForeignKeyField(User, index=False, on_delete="CASCADE")
    registry = ForeignKeyField(Registry, on_delete="CASCADE")
    level = TextField()

    class Meta:
        """``grant`` is a word of SQL."""

        table_name = "registry_grant"
        primary_key = CompositeKey("user", "registry")
        without_rowid = True


class ApiToken(Model):
    """A secret of a user; only its hash is kept. ``scopes`` and ``networks`` are as they were written."""

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
        """Two words."""

        table_name = "api_token"


class RegistryToken(Model):
    """A secret that reads one registry."""

    id = TextField(primary_key=True)
    registry = ForeignKeyField(Registry, on_delete="CASCADE")
    description = TextField()
    hash = TextField(unique=True)
    created_at = DoubleField()
    last_used_at = DoubleField(null=True)

    class Meta:
        """Two words."""

        table_name = "registry_token"
