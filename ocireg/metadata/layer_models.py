"""The tables of what is in layers, as the newest migration leaves them. See ``models.py``."""

from peewee import (
    AutoField,
    BigIntegerField,
    BooleanField,
    CompositeKey,
    DoubleField,
    ForeignKeyField,
    IntegerField,
    Model,
    TextField,
)


class Layer(Model):
    """What is known of the contents of a layer; ``state`` is ``pending``, ``ready`` or ``refused`` (for ``reason``).

    ``listing`` is the attempt that holds its entries, or is at it until ``lease_until``; ``attempts`` counts them.
    ``done`` of ``size`` bytes are read. ``opaque``: it hides all that the layers below have.
    """

    digest = TextField(primary_key=True)
    state = TextField()
    reason = TextField(default="")
    size = BigIntegerField()
    done = BigIntegerField(default=0)
    listing = IntegerField(null=True)
    attempts = IntegerField(default=0)
    lease_until = DoubleField(default=0)
    entries = IntegerField(default=0)
    files = IntegerField(default=0)
    bytes = BigIntegerField(default=0)
    opaque = BooleanField(default=False)
    os_release = TextField(null=True)
    asked_at = DoubleField()
    listed_at = DoubleField(null=True)
    used_at = DoubleField()


class LayerListing(Model):
    """One attempt at the contents of a layer. That of no layer is to be removed."""

    id = AutoField()
    digest = TextField()

    class Meta:
        """Two words."""

        table_name = "layer_listing"


class LayerDirectory(Model):
    """A directory of a listing, by its path from the root, which is ""."""

    id = AutoField()
    listing = ForeignKeyField(LayerListing, index=False)
    path = TextField()

    class Meta:
        """Two words."""

        table_name = "layer_directory"


class LayerEntry(Model):
    """A file of a directory, or a mark; ``kind`` is its place in ``listings.KINDS``. See ``ocireg.contents``."""

    directory = ForeignKeyField(LayerDirectory, index=False)
    name = TextField()
    kind = IntegerField()
    opaque = BooleanField()
    size = BigIntegerField()
    mode = IntegerField()
    uid = BigIntegerField()
    gid = BigIntegerField()
    mtime = BigIntegerField()
    link = TextField(null=True)

    class Meta:
        """One directory is one range."""

        table_name = "layer_entry"
        primary_key = CompositeKey("directory", "name")
        without_rowid = True


class LayerStack(Model):
    """How many files layers show, and their bytes, if that could be counted; ``digest`` is one of theirs."""

    digest = TextField(primary_key=True)
    files = IntegerField(null=True)
    bytes = BigIntegerField(null=True)
    counted_at = DoubleField(index=True)

    class Meta:
        """Two words."""

        table_name = "layer_stack"
        without_rowid = True
