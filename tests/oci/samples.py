"""Manifests and their parts, as JSON holds them, for tests that change one thing of them."""

import json
from typing import Any

from ocireg.oci.media_types import OCI_CONFIG, OCI_INDEX, OCI_MANIFEST

LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


def descriptor(digit: str = "a", media_type: str = LAYER, **more: object) -> dict[str, Any]:
    """Describe content whose digest is that digit over and over; ``more`` are further fields, or other values."""
    return {"mediaType": media_type, "digest": "sha256:" + digit * 64, "size": 7, **more}


def image(**more: object) -> dict[str, Any]:
    """Return an image of two layers; ``more`` are further fields, or other values of these."""
    layers = [descriptor("1"), descriptor("2")]
    base = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": descriptor("c", OCI_CONFIG), "layers": layers}
    return base | more


def index(**more: object) -> dict[str, Any]:
    """Return an index of two images; ``more`` as above."""
    manifests = [descriptor("1", OCI_MANIFEST), descriptor("2", OCI_MANIFEST)]
    return {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": manifests} | more


def without(body: dict[str, Any], *fields: str) -> dict[str, Any]:
    """Return the body less those fields."""
    return {name: value for name, value in body.items() if name not in fields}


def encode(body: object) -> bytes:
    """Return the bytes that a client would push."""
    return json.dumps(body).encode()
