"""A registry whose clock tests move, on a real database and a store in memory, and images of few bytes in it."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import backends
from ocireg.errors import RegistryError
from ocireg.metadata import facts
from ocireg.metadata.database import Database
from ocireg.metadata.migrate import migrate
from ocireg.oci.digest import Digest
from ocireg.oci.media_types import OCI_EMPTY, OCI_INDEX, OCI_MANIFEST
from ocireg.registry import Registry
from ocireg.registry.claims import Chunk
from ocireg.registry.collection import Collection
from ocireg.storage import Storage
from tests.settings import settings_for

HOUR, DAY = 3600.0, 86400.0
GRACE, RETENTION, PROTECTION, BYTES = DAY, 30 * DAY, HOUR, HOUR


class Clock:
    """Seconds since the epoch, as the test has them."""

    def __init__(self) -> None:
        self.time = 1_800_000_000.0

    def __call__(self) -> float:
        """Return the time."""
        return self.time


class World:
    """Use-cases over one database, and the store of a URL. ``pass_`` lets time pass; ``collect`` collects."""

    def __init__(self, folder: Path, *, store: str = "memory:", **changes: object) -> None:
        settings = settings_for(folder, **changes)
        settings.data.mkdir(parents=True, exist_ok=True)
        self.clock = Clock()
        self.database = Database(settings.database_path, 1.0, self.clock)
        migrate(self.database)
        self.store = backends.load(store)
        self.storage = Storage(self.store)
        self.storage.claim_for(facts.installation(self.database))
        self.registry = Registry.build(self.database, self.storage, settings)

    def pass_(self, seconds: float) -> None:
        """Let time pass."""
        self.clock.time += seconds

    def collect(self, **how: bool) -> Collection:
        """Collect garbage once."""
        return self.registry.collector.run(**how)

    def blob(self, content: bytes, repository: str = "a/b") -> str:
        """Push a blob."""
        upload = self.registry.uploads.start(repository)
        digest = Digest.of(content)
        self.registry.uploads.finish(repository, upload.id, Chunk([content], None, len(content)), digest)
        return str(digest)

    def pull(self, digest: str, repository: str = "a/b") -> bytes:
        """Pull a blob."""
        found = self.registry.blobs.find(repository, Digest.parse(digest))
        with self.registry.blobs.open(found) as reader:
            return reader.read()

    def key(self, digest: str, what: str = "blob") -> str:
        """Return where in the store something is."""
        found = self.database.fetch(f"SELECT key FROM {what} WHERE digest = ?", digest)
        assert found is not None
        return str(found[0])

    def mount(self, digest: str, source: str, repository: str = "a/b") -> bool:
        """Mount a blob."""
        return self.registry.blobs.mount(repository, Digest.parse(digest), source)

    def image(
        self,
        *layers: bytes,
        tag: str = "",
        subject: str = "",
        repository: str = "a/b",
        push: bool = True,
        note: str = "",
    ) -> str:
        """Push an image of layers and a config ``{}``; its blobs too where ``push``."""
        parts = [b"{}", *layers]
        if push:
            for one in parts:
                self.blob(one, repository)
        described = [_descriptor(one) for one in parts]
        body = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": described[0], "layers": described[1:]}
        return self.put(body, tag, subject, repository, note)

    def index(
        self,
        *children: str,
        blobs: Iterable[bytes] = (),
        tag: str = "",
        subject: str = "",
        repository: str = "a/b",
        note: str = "",
    ) -> str:
        """Push an index of manifests, and of blobs, as build caches are."""
        listed: list[dict[str, Any]] = [{"mediaType": OCI_MANIFEST, "digest": one, "size": 2} for one in children]
        for one in blobs:
            self.blob(one, repository)
            listed.append(_descriptor(one))
        body = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": listed}
        return self.put(body, tag, subject, repository, note)

    def put(self, body: dict[str, Any], tag: str, subject: str, repository: str, note: str) -> str:
        """Push a manifest, by digest where there is no tag."""
        if subject:
            body["subject"] = {"mediaType": OCI_MANIFEST, "digest": subject, "size": 2}
        if note:
            body["annotations"] = {"note": note}
        content = json.dumps(body).encode()
        digest = Digest.of(content)
        self.registry.manifests.put(repository, tag or digest, content, body["mediaType"])
        return str(digest)

    def untag(self, tag: str, repository: str = "a/b") -> None:
        """Delete a tag."""
        self.registry.tags.delete(repository, tag)

    def delete(self, digest: str, repository: str = "a/b") -> None:
        """Delete a manifest."""
        self.registry.manifests.delete(repository, Digest.parse(digest))

    def head(self, digest: str, repository: str = "a/b") -> bool:
        """Ask for a blob, as one who may push."""
        try:
            self.registry.blobs.stat(repository, Digest.parse(digest), pushing=True)
        except RegistryError:
            return False
        return True

    def head_manifest(self, digest: str, repository: str = "a/b") -> bool:
        """Ask for a manifest, likewise."""
        try:
            self.registry.manifests.describe(repository, Digest.parse(digest), pushing=True)
        except RegistryError:
            return False
        return True

    def manifests(self, repository: str = "a/b") -> set[str]:
        """Return the manifests that are there."""
        sql = "SELECT digest FROM manifest m JOIN repository r ON r.id = m.repository_id WHERE r.name = ?"
        return {row[0] for row in self.database.fetch_all(sql, repository)}

    def blobs(self, repository: str = "a/b") -> set[str]:
        """Return the blobs that are there."""
        sql = (
            "SELECT b.digest FROM repository_blob l JOIN repository r ON r.id = l.repository_id "
            "JOIN blob b ON b.id = l.blob_id WHERE r.name = ?"
        )
        return {row[0] for row in self.database.fetch_all(sql, repository)}

    def tags(self, repository: str = "a/b") -> set[str]:
        """Return the tags that are there."""
        return set(self.registry.tags.page(repository, "", 1000)[0])

    def close(self) -> None:
        """End it."""
        self.database.close()


def _descriptor(content: bytes) -> dict[str, Any]:
    return {"mediaType": OCI_EMPTY, "digest": str(Digest.of(content)), "size": len(content)}


def digest_of(content: bytes) -> str:
    """Return the digest of a blob."""
    return str(Digest.of(content))
