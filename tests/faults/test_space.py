"""Delete the only tag of a large image: the space comes back, and nobody runs a command."""

import json
import os
from pathlib import Path
from typing import Any

import pytest
import requests

from ocireg.oci.digest import Digest
from tests.faults.wire import until
from tests.server import Server
from tests.web.v2.push import descriptor

pytestmark = pytest.mark.faults

MIB = 1024 * 1024
SIZE = 200 * MIB
PIECE = os.urandom(MIB)


def used(server: Server) -> int:
    """Return the bytes that files of the store take."""
    return sum(path.stat().st_blocks * 512 for path in (server.data / "storage").rglob("*") if path.is_file())


def push(server: Server, content: bytes) -> str:
    """Push a blob whole."""
    digest = str(Digest.of(content))
    begun = requests.post(f"{server.url}/v2/web/blobs/uploads/", timeout=60)
    where = requests.compat.urljoin(server.url, begun.headers["Location"])
    assert requests.put(where, params={"digest": digest}, data=content, timeout=300).status_code == 201
    return digest


def why(server: Server, digest: str) -> dict[str, object]:
    """Return what ``ocireg why`` says of a digest in the one repository."""
    done = server.run("why", digest, "--json")
    (found,) = json.loads(done.stdout)
    return dict(found)


def test_the_space_of_a_large_image_comes_back_after_its_only_tag_was_deleted(tmp_path: Path) -> None:
    layer = b"".join(number.to_bytes(4, "big") + PIECE[4:] for number in range(SIZE // MIB))
    settings: dict[str, Any] = {"gc_grace": "15s", "gc_interval": "1s", "orphan_grace": "1s", "sweep_interval": "1s"}
    with Server(tmp_path, workers=2, upload_protection="1s", **settings) as server:
        empty = used(server)
        digest = push(server, layer)
        push(server, b"{}")
        parts = {"config": descriptor(b"{}", "application/vnd.oci.image.config.v1+json")}
        parts["layers"] = [descriptor(layer, "application/vnd.oci.image.layer.v1.tar")]  # type: ignore[assignment]
        body = json.dumps({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", **parts})
        tag = f"{server.url}/v2/web/manifests/1.0"
        kind = {"Content-Type": "application/vnd.oci.image.manifest.v1+json"}
        assert requests.put(tag, data=body, headers=kind, timeout=60).status_code == 201
        manifest = str(Digest.of(body.encode()))
        assert used(server) - empty >= SIZE
        for one in (manifest, digest):
            told = why(server, one)
            assert (told["kept"], told["tag"]) == (True, "1.0")
        assert requests.delete(tag, timeout=60).status_code == 202
        for one in (manifest, digest):
            told = why(server, one)
            assert (told["kept"], told["reason"]) == (False, "deleted")
            assert float(str(told["goes_at"])) >= float(str(told["since"])) + 15
        until(lambda: used(server) <= empty + MIB, 60)
        assert server.run("why", digest, "--json").returncode == 1
        assert requests.get(f"{server.url}/v2/web/blobs/{digest}", timeout=60).status_code == 404
