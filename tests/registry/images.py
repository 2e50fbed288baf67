"""Images whose layers tests make, in a registry whose store and database are real."""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ocireg.app import create_app
from ocireg.contents import Kind, Limits
from ocireg.oci.digest import Digest
from ocireg.oci.media_types import OCI_CONFIG, OCI_MANIFEST
from ocireg.registry.contents import Contents
from ocireg.registry.image import ImageState
from tests.conftest import BufferedClient, installation
from tests.settings import settings_for
from tests.web.v2 import push

TAR = "application/vnd.oci.image.layer.v1.tar"
PATIENCE = 120
"""Seconds."""


class Images:
    """A registry, and what it says of the contents of its images."""

    def __init__(self, folder: Path, **changes: object) -> None:
        self.settings = settings_for(folder, **changes)
        app = create_app(self.settings)
        app.test_client_class = BufferedClient
        self.client = app.test_client()
        self.registry = installation(app).registry
        self.database = installation(app).database
        self.contents = self.registry.contents

    def another(self, workers: int = 1, entries: int = 10**6, limits: Limits | None = None) -> Contents:
        """Return the use-case as another process has it."""
        return Contents(
            self.database, self.registry.blobs, self.registry.disk, workers=workers, entries=entries, limits=limits
        )

    def push(self, *layers: bytes, repository: str = "a/b", config: str = OCI_CONFIG, kind: str = TAR) -> Digest:
        """Push an image of those layers."""
        push.blob(self.client, repository, b"{}")
        for one in layers:
            push.blob(self.client, repository, one)
        return self.name(*(push.descriptor(one, kind) for one in layers), repository=repository, config=config)

    def name(self, *layers: dict[str, Any], repository: str = "a/b", config: str = OCI_CONFIG) -> Digest:
        """Push a manifest of layers that are described."""
        push.blob(self.client, repository, b"{}")
        body = {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": push.descriptor(b"{}", config),
            "layers": layers,
        }
        return Digest.parse(push.manifest(self.client, repository, "latest", json.dumps(body).encode()))

    def listed(self, digest: Digest, repository: str = "a/b", contents: Contents | None = None) -> ImageState:
        """Ask for the contents of an image, and wait until no layer is waiting."""
        contents = contents or self.contents
        state = contents.ask(repository, digest)
        until = time.monotonic() + PATIENCE
        while state and state.state in {"pending", "unlisted"} and time.monotonic() < until:
            time.sleep(0.02)
            state = contents.ask(repository, digest)
        assert state is not None
        assert state.state not in {"pending", "unlisted"}, state
        return state

    def walk(self, digest: Digest, path: str = "") -> Iterator[tuple[str, Kind]]:
        """Yield all paths, and what they are."""
        after: str | None = ""
        while after is not None:
            page = self.contents.directory("a/b", digest, path, after=after)
            assert page is not None
            after = page.after
            for one in page.entries:
                yield one.path, one.kind
                if one.kind is Kind.DIRECTORY:
                    yield from self.walk(digest, one.path)

    def close(self) -> None:
        """End it."""
        self.contents.close()
        self.database.close()
