"""What is pushed, made by hand as bytes: images of real layers, indexes, charts, what refers to them."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from ocireg.oci.digest import Digest
from ocireg.oci.media_types import OCI_CONFIG, OCI_EMPTY, OCI_INDEX, OCI_MANIFEST
from tests.contents.archives import gzipped, tar
from tests.web.v2 import push

LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
CHART_CONFIG = "application/vnd.cncf.helm.config.v1+json"
CHART = "application/vnd.cncf.helm.chart.content.v1.tar+gzip"
SIGNATURE = "application/vnd.dev.cosign.artifact.sig.v1+json"
SPDX = "application/spdx+json"
EMPTY = b"{}"


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer: the archive, and the command that history tells of it."""

    archive: bytes
    command: str

    @property
    def packed(self) -> bytes:
        """The blob."""
        return gzipped(self.archive)


@dataclass(frozen=True, slots=True)
class Artifact:
    """A manifest, with the blobs and the manifests that are pushed before it."""

    manifest: bytes
    blobs: tuple[bytes, ...] = ()
    children: tuple["Artifact", ...] = ()

    @property
    def media_type(self) -> str:
        """What the manifest says that it is."""
        found: str = json.loads(self.manifest)["mediaType"]
        return found

    @property
    def digest(self) -> str:
        """The digest of the manifest."""
        return str(Digest.of(self.manifest))

    def descriptor(self, **more: object) -> dict[str, Any]:
        """Describe it; ``more`` are further fields, such as a platform."""
        return push.descriptor(self.manifest, self.media_type) | more


def layer(command: str, files: Mapping[str, bytes]) -> Layer:
    """Return a layer of files; names that end in ``/`` are directories."""
    return Layer(tar(*files.items()), command)


def image(
    layers: Sequence[Layer], *, architecture: str = "amd64", annotations: object = None, **config: object
) -> Artifact:
    """Return an image. ``config``: what a container is run with, as ``Env``, ``Labels``, ``Entrypoint``."""
    empty = [{"created_by": "CMD", "empty_layer": True, "created": "2026-01-02T00:00:00Z"}]
    body = {
        "created": "2026-01-02T03:04:05Z",
        "architecture": architecture,
        "os": "linux",
        "config": config,
        "rootfs": {
            "type": "layers",
            "diff_ids": ["sha256:" + hashlib.sha256(one.archive).hexdigest() for one in layers],
        },
        "history": [{"created_by": one.command, "created": "2026-01-01T00:00:00Z"} for one in layers] + empty,
    }
    packed = tuple((one.packed, LAYER) for one in layers)
    return artifact(packed, config=(json.dumps(body).encode(), OCI_CONFIG), annotations=annotations)


def artifact(
    blobs: Sequence[tuple[bytes, str]], *, config: tuple[bytes, str] = (EMPTY, OCI_EMPTY), **more: object
) -> Artifact:
    """Return an artifact of blobs, each with its media type; ``more`` are fields, and those that are None are left out.

    Source: OCI image v1.1, manifest.md, "Guidelines for Artifact Usage".
    """
    body = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": push.descriptor(*config),
        "layers": [push.descriptor(*one) for one in blobs],
        **{name: value for name, value in more.items() if value is not None},
    }
    return Artifact(json.dumps(body).encode(), (config[0], *(content for content, _ in blobs)))


def index(children: Mapping[str, Artifact], annotations: object = None) -> Artifact:
    """Return an index of images by platform, as ``linux/arm64/v8``."""
    body: dict[str, Any] = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": []}
    for platform, child in children.items():
        parts = dict(zip(("os", "architecture", "variant"), platform.split("/"), strict=False))
        body["manifests"].append(child.descriptor(platform=parts))
    if annotations is not None:
        body["annotations"] = annotations
    return Artifact(json.dumps(body).encode(), children=tuple(children.values()))


def chart(name: str, version: str) -> Artifact:
    """Return a Helm chart. Source: Helm, "Use OCI-based registries", manifest."""
    about = {"apiVersion": "v2", "name": name, "version": version, "description": f"Runs {name} on Kubernetes"}
    values = {f"{name}/Chart.yaml": json.dumps(about).encode(), f"{name}/values.yaml": b"replicas: 2\n"}
    return artifact([(gzipped(tar(*values.items())), CHART)], config=(json.dumps(about).encode(), CHART_CONFIG))


def attached(subject: Artifact, kind: str, content: bytes, **annotations: str) -> Artifact:
    """Return what refers to another: a signature, an SBOM."""
    there = subject.descriptor()
    return artifact([(content, kind)], artifactType=kind, subject=there, annotations=annotations or None)
