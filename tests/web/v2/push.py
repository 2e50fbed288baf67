"""Pushes over the wire, for tests that need something to be there."""

import json
from typing import Any

from flask.testing import FlaskClient

from ocireg.oci.digest import Digest
from ocireg.oci.media_types import OCI_EMPTY, OCI_INDEX, OCI_MANIFEST


def blob(client: FlaskClient, repository: str, content: bytes, algorithm: str = "sha256") -> str:
    """Push a blob in one POST; return its digest."""
    digest = str(Digest.of(content, algorithm))
    answer = client.post(f"/v2/{repository}/blobs/uploads/?digest={digest}", data=content)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return digest


def descriptor(content: bytes, media_type: str) -> dict[str, Any]:
    """Describe content."""
    return {"mediaType": media_type, "digest": str(Digest.of(content)), "size": len(content)}


def image(*, layers: tuple[bytes, ...] = (b"layer",), config: bytes = b"{}", **more: object) -> bytes:
    """Return an image manifest of those layers; ``more`` are further fields."""
    body = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": descriptor(config, OCI_EMPTY),
        "layers": [descriptor(one, "application/vnd.oci.image.layer.v1.tar") for one in layers],
        **more,
    }
    return json.dumps(body).encode()


def index(*children: bytes, **more: object) -> bytes:
    """Return an index of those manifests."""
    listed = [descriptor(one, OCI_MANIFEST) for one in children]
    return json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": listed, **more}).encode()


def manifest(client: FlaskClient, repository: str, reference: str, content: bytes | None = None) -> str:
    """Push a manifest (of None: a small image with its blobs); return its digest."""
    if content is None:
        blob(client, repository, b"layer")
        blob(client, repository, b"{}")
        content = image()
    media_type = json.loads(content)["mediaType"]
    answer = client.put(f"/v2/{repository}/manifests/{reference}", data=content, content_type=media_type)
    assert answer.status_code == 201, answer.get_data(as_text=True)
    return answer.headers["Docker-Content-Digest"]


def codes(answer: Any) -> list[str]:
    """Return the codes of an error answer, which must be JSON of the specification's form."""
    assert answer.content_type == "application/json", answer.content_type
    errors = answer.get_json()["errors"]
    assert all(set(one) == {"code", "message", "detail"} for one in errors)
    return [one["code"] for one in errors]
