"""The table of rules for immutable tags, as the newest migration leaves it. See ``models.py``."""

from peewee import BooleanField, DoubleField, ForeignKeyField, Model, TextField

from ocireg.metadata.models import Registry


class ImmutableRule(Model):
    """A rule of a registry. ``tags``, ``repositories`` and ``exceptions`` are globs with spaces between them."""

    id = TextField(primary_key=True)
    registry = ForeignKeyField(Registry, on_delete="CASCADE")
    tags = TextField()
    repositories = TextField()
    exceptions = TextField()
    fallback_tags = BooleanField(default=False)
    created_at = DoubleField()

    class Meta:
        """Two words."""

        table_name = "immutable_rule"
