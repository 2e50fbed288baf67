"""What there is to be seen, pushed as clients push it: images, indexes, charts, artifacts."""

import json
from collections.abc import Mapping
from typing import Any

from flask.testing import FlaskClient

from ocireg.oci.chart import CONFIG as CHART_CONFIG
from ocireg.oci.digest import Digest
from ocireg.oci.media_types import OCI_CONFIG, OCI_EMPTY, OCI_INDEX, OCI_MANIFEST
from tests.web.v2 import push

HOST = "registry.example.com"
NAME, OPEN = "acme/goods/app", "acme/open/app"
TAR = "application/vnd.oci.image.layer.v1.tar"
CHART = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"

Part = dict[str, Any]


class Pusher:
    """Pushes to one installation; each gives the manifest that it pushed, under a tag or ("") its digest."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def image(self, name: str, tag: str, *layers: bytes, config: object = None, **more: object) -> bytes:
        """Push an image of a config, as bytes or as JSON."""
        raw = config if isinstance(config, bytes) else json.dumps(config or {}).encode()
        described = [push.descriptor(one, TAR) for one in layers]
        return self._pushed(name, tag, push.descriptor(raw, OCI_CONFIG), described, [raw, *layers], **more)

    def chart(self, name: str, tag: str, config: object) -> bytes:
        """Push a chart of helm's."""
        raw, content = json.dumps(config).encode(), b"the files of a chart"
        described = [push.descriptor(content, CHART)]
        return self._pushed(name, tag, push.descriptor(raw, CHART_CONFIG), described, [raw, content])

    def artifact(self, name: str, tag: str, *files: tuple[str, bytes], **more: object) -> bytes:
        """Push files with their titles."""
        described = [
            {**push.descriptor(content, "text/plain"), "annotations": {"org.opencontainers.image.title": title}}
            for title, content in files
        ]
        blobs = [b"{}", *(content for _, content in files)]
        return self._pushed(name, tag, push.descriptor(b"{}", OCI_EMPTY), described, blobs, **more)

    def index(self, name: str, tag: str, *children: tuple[bytes, Mapping[str, Any]], **more: object) -> bytes:
        """Push an index of manifests, each with further fields of its descriptor."""
        listed = [{**push.descriptor(one, OCI_MANIFEST), **fields} for one, fields in children]
        body = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": listed, **more}
        return self._manifest(name, tag, body)

    def _pushed(
        self,
        name: str,
        tag: str,
        config: dict[str, Any],
        layers: list[dict[str, Any]],
        blobs: list[bytes],
        **more: object,
    ) -> bytes:
        for one in blobs:
            push.blob(self.client, name, one)
        body = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": layers, **more}
        return self._manifest(name, tag, body)

    def _manifest(self, name: str, tag: str, body: object) -> bytes:
        content = json.dumps(body).encode()
        push.manifest(self.client, name, tag or digest_of(content), content)
        return content


def digest_of(content: bytes) -> str:
    """Return the digest of what was pushed."""
    return str(Digest.of(content))


def platform(os: str, architecture: str, **more: str) -> dict[str, Any]:
    """Return the field of a descriptor that names a platform."""
    return {"platform": {"os": os, "architecture": architecture, **more}}


def subject(manifest: bytes) -> dict[str, Any]:
    """Return the field that makes a manifest tell of another."""
    return {"subject": push.descriptor(manifest, OCI_MANIFEST)}


def path_of(name: str, manifest: bytes, tab: str = "") -> str:
    """Return the page of a manifest by its digest."""
    return f"/{name}@{digest_of(manifest)}{tab}"
