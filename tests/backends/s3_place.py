"""A prefix of its own in a bucket of a real S3 store."""

import uuid
from dataclasses import dataclass, field

from backends import Backend, load
from tests.stores.s3 import S3Store


@dataclass
class Place:
    """See the module's text."""

    store: S3Store
    prefix: str = field(default_factory=lambda: f"p/{uuid.uuid4().hex}")

    def url(self, endpoint: str = "", **options: str) -> str:
        """Return the URL of the place, perhaps through a proxy."""
        given = {name: value for name, value in options.items() if value}
        return self.store.url(self.store.bucket, endpoint=endpoint, prefix=self.prefix, **given)

    def backend(self, endpoint: str = "", **options: str) -> Backend:
        """Return a driver."""
        return load(self.url(endpoint, **options))

    def left(self) -> tuple[list[str], list[str]]:
        """Return the names of all objects, side objects included, and of all multipart uploads under way."""
        names = [name for name in self.store.names(self.store.bucket) if name.startswith(self.prefix)]
        uploads = [name for name in self.store.open_uploads(self.store.bucket) if name.startswith(self.prefix)]
        return names, uploads
