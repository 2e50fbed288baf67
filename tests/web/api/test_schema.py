"""What the description says is so: requests made from it, good and bad, find nothing that it does not say."""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from ocireg.oci.digest import Digest
from ocireg.oci.media_types import OCI_CONFIG, OCI_MANIFEST
from tests.contents.archives import tar
from tests.server import Server, environment
from tests.web.api.formats import POLICY
from tests.web.v2 import push

pytestmark = pytest.mark.faults

TOKEN, PASSWORD = "an-admin-token-of-the-tests", "correct horse battery"
ROOT = Path(__file__).parents[3]


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    """A server that has something of everything."""
    with Server(tmp_path, open="false", admin_token=TOKEN, oidc_issuers="github", login_failures=10**6) as found:
        fill(found)
        yield found


def fill(server: Server) -> None:
    """Let there be what the examples of the description name."""
    wanted = [
        ("POST", "/users", {"name": "ada", "password": PASSWORD, "admin": True}),
        ("POST", "/organizations", {"slug": "acme", "first_admin": "ada"}),
        ("POST", "/organizations/acme/registries", {"name": "Containers"}),
        ("PUT", "/registries/acme/containers/policy", {"policy": POLICY}),
        ("PUT", "/registries/acme/containers/grants/ada", {"level": "admin"}),
    ]
    for method, path, body in wanted:
        answer = requests.request(
            method, f"{server.url}/api/v1{path}", json=body, headers={"Authorization": f"Bearer {TOKEN}"}, timeout=30
        )
        assert answer.ok, answer.text
    push_image(server, "acme/containers/web/api", "1.0", ("ada", PASSWORD))


def push_image(server: Server, name: str, tag: str, auth: tuple[str, str]) -> str:
    """Push an image; return its digest."""
    repository, layer = f"{server.url}/v2/{name}", tar(("etc/passwd", b"root"))
    body = json.loads(push.image(layers=(layer,)))
    content = json.dumps({**body, "config": push.descriptor(b"{}", OCI_CONFIG)}).encode()
    with requests.Session() as session:
        session.auth = auth
        for blob in (layer, b"layer", b"{}"):
            answer = session.post(f"{repository}/blobs/uploads/?digest={Digest.of(blob)}", data=blob, timeout=30)
            assert answer.status_code == 201, answer.text
        headers = {"Content-Type": OCI_MANIFEST}
        answer = session.put(f"{repository}/manifests/{tag}", data=content, headers=headers, timeout=30)
        assert answer.status_code == 201, answer.text
    return str(Digest.of(content))


def run(server: Server, *more: str) -> None:
    """Run schemathesis with all checks; show what it says where it finds something."""
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        "run",
        f"{server.url}/api/v1/openapi.json",
        *("--checks", "all", "--workers", "1", "--max-examples", "12", "--generation-deterministic"),
        *("--continue-on-failure", "--warnings", "off", *more),
    ]
    hooks = {"SCHEMATHESIS_HOOKS": "tests.web.api.formats", "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, cwd=server.folder, env=environment() | hooks, capture_output=True, text=True, timeout=900, check=False
    )
    print(done.stdout[-20_000:], done.stderr)
    assert done.returncode == 0


def test_every_operation_is_as_described(server: Server) -> None:
    run(server, "-H", f"Authorization: Bearer {TOKEN}", "--exclude-operation-id", "revoke_access_token")


def test_a_password_is_not_revoked_as_described(server: Server) -> None:
    run(server, "--auth", f"ada:{PASSWORD}", "--include-operation-id", "revoke_access_token")
