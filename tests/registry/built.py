"""Images as builders make them: configs, layers, indexes, and what tells of them, pushed to a registry that is real."""

import json
from collections.abc import Mapping
from typing import Any

from ocireg.oci.digest import Digest
from ocireg.oci.media_types import OCI_CONFIG, OCI_EMPTY, OCI_INDEX, OCI_MANIFEST
from ocireg.registry.versions import Version
from tests.registry.images import TAR, Images
from tests.web.v2 import push


class Built(Images):
    """A registry, and what it says of versions."""

    def image(
        self,
        tag: str,
        *layers: bytes,
        repository: str = "a/b",
        config: object = None,
        annotations: Mapping[str, str] | None = None,
        **more: object,
    ) -> bytes:
        """Push an image, of a config as bytes or as JSON; return its manifest."""
        raw = config if isinstance(config, bytes) else json.dumps({} if config is None else config).encode()
        for one in (raw, *layers):
            push.blob(self.client, repository, one)
        body = {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": push.descriptor(raw, OCI_CONFIG),
            "layers": [push.descriptor(one, TAR) for one in layers],
            "annotations": annotations or {},
            **more,
        }
        content = json.dumps(body).encode()
        push.manifest(self.client, repository, tag or str(Digest.of(content)), content)
        return content

    def index(
        self, tag: str, *children: tuple[bytes, Mapping[str, Any]], repository: str = "a/b", **more: object
    ) -> bytes:
        """Push an index of manifests, each with further fields of its descriptor; return it."""
        listed = [{**push.descriptor(one, OCI_MANIFEST), **fields} for one, fields in children]
        content = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": listed, **more}).encode()
        push.manifest(self.client, repository, tag or str(Digest.of(content)), content)
        return content

    def artifact(self, tag: str, *blobs: tuple[bytes, str], repository: str = "a/b", **more: object) -> bytes:
        """Push an artifact of blobs and their media types; return its manifest."""
        for one, _ in ((b"{}", ""), *blobs):
            push.blob(self.client, repository, one)
        body = {
            "schemaVersion": 2,
            "mediaType": OCI_MANIFEST,
            "config": push.descriptor(b"{}", OCI_EMPTY),
            "layers": [push.descriptor(one, media_type) for one, media_type in blobs],
            **more,
        }
        content = json.dumps(body).encode()
        push.manifest(self.client, repository, tag or str(Digest.of(content)), content)
        return content

    def show(self, reference: str | bytes, repository: str = "a/b") -> Version:
        """Return the version of a tag, or of a manifest."""
        named = Digest.of(reference) if isinstance(reference, bytes) else reference
        return self.registry.versions.show(repository, named)


def platform(os: str, architecture: str, **more: str) -> dict[str, Any]:
    """Return the field of a descriptor that names a platform."""
    return {"platform": {"os": os, "architecture": architecture, **more}}
