"""The tables of what images are made of and run on, as the newest migration leaves them. See ``models.py``."""

from peewee import CompositeKey, DoubleField, ForeignKeyField, IntegerField, Model, TextField

from ocireg.metadata.models import Manifest, Registry, Repository


class ImageChain(Model):
    """The layers of an image as one text, by which the images that begin with them find it. See ``chains``.

    ``registry`` is that of its repository: who may not read it is told nothing of what it has, nor by time.
    """

    manifest = ForeignKeyField(Manifest, primary_key=True, on_delete="CASCADE")
    registry = ForeignKeyField(Registry, index=False, on_delete="CASCADE")
    chain = TextField()
    layers = IntegerField()

    class Meta:
        """Two words."""

        table_name = "image_chain"


class ImageParent(Model):
    """An index of a repository, ``manifest``, has a child of that digest."""

    repository = ForeignKeyField(Repository, index=False, on_delete="CASCADE")
    digest = TextField()
    manifest = ForeignKeyField(Manifest, on_delete="CASCADE")

    class Meta:
        """All of it is the key, so that what one repository has is one range."""

        table_name = "image_parent"
        primary_key = CompositeKey("repository", "digest", "manifest")
        without_rowid = True


class ImagePlatform(Model):
    """Platforms as JSON, by the digest of the config or of the index that says so, since it was read at ``read_at``."""

    digest = TextField(primary_key=True)
    platforms = TextField()
    read_at = DoubleField(index=True)

    class Meta:
        """Two words."""

        table_name = "image_platform"
        without_rowid = True
