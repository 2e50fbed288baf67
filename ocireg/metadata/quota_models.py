"""The tables of what is in use, as the newest migration leaves them. Triggers write them. See ``models.py``."""

from peewee import BigIntegerField, CompositeKey, ForeignKeyField, IntegerField, Model

from ocireg.metadata.models import Blob, Registry


class RegistryBlob(Model):
    """So many repositories of a registry know a blob, which counts once."""

    registry = ForeignKeyField(Registry, index=False, on_delete="CASCADE")
    blob = ForeignKeyField(Blob, on_delete="CASCADE")
    repositories = IntegerField()

    class Meta:
        """The pair is the key."""

        table_name = "registry_blob"
        primary_key = CompositeKey("registry", "blob")
        without_rowid = True


class InstanceUsage(Model):
    """What the whole instance has in use, in one row. ``size`` in bytes, of each blob once."""

    id = IntegerField(primary_key=True)
    size = BigIntegerField()
    blobs = IntegerField()
    manifests = IntegerField()

    class Meta:
        """Two words."""

        table_name = "instance_usage"
