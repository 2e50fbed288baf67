"""``docs/recovery.rst``: its commands, run as written but for the store and the folder, after the disk is lost."""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import requests

from ocireg.oci.digest import Digest
from ocireg.oci.media_types import OCI_MANIFEST
from tests.server import Server, environment
from tests.stores.s3 import CREDENTIALS
from tests.web.v2 import push

if TYPE_CHECKING:
    from tests.stores.s3 import S3Store

pytestmark = pytest.mark.faults

PAGE = (Path(__file__).parents[2] / "docs" / "recovery.rst").read_text()
STORE, DATA = "s3://images/registry", "/var/lib/ocireg"
AUTH = ("admin", "ocireg_a-token-of-the-operator")
IMAGE = "acme/apps/web"
NAMED = ("v0", "v1", "v2", "moved")


def block(title: str) -> str:
    """Return the commands under a title."""
    part = re.search(rf"^{re.escape(title)}\n-+\n(.*?)(?=^[^\n]+\n-{{3,}}\n|\Z)", PAGE, re.MULTILINE | re.DOTALL)
    assert part, title
    found = re.search(r"::\n\n((?:    [^\n]*\n)+)", part[1])
    assert found, title
    return re.sub(r"^    ", "", found[1], flags=re.MULTILINE)


class Registry:
    """A registry whose disk can be lost. ``store``: the URL of what stays."""

    def __init__(self, folder: Path, store: str) -> None:
        self.folder = folder
        self.store = store
        self.server = Server(folder, open="false", admin_token=AUTH[1], storage=store)

    def push(self, tag: str, layer: bytes, repository: str = IMAGE) -> None:
        """Push an image."""
        for content in (b"{}", layer):
            url = f"{self.server.url}/v2/{repository}/blobs/uploads/?digest={Digest.of(content)}"
            assert requests.post(url, data=content, auth=AUTH, timeout=30).status_code == 201
        described = [push.descriptor(one, "text/plain") for one in (b"{}", layer)]
        body = {"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": described[0], "layers": described[1:]}
        answer = requests.put(
            f"{self.server.url}/v2/{repository}/manifests/{tag}",
            data=json.dumps(body),
            headers={"Content-Type": OCI_MANIFEST},
            auth=AUTH,
            timeout=30,
        )
        assert answer.status_code == 201, answer.text

    def pulled(self) -> dict[str, str]:
        """Pull every tag whole; return what each points at."""
        found = {}
        for tag in NAMED:
            answer = requests.get(f"{self.server.url}/v2/{IMAGE}/manifests/{tag}", auth=AUTH, timeout=30)
            assert answer.status_code == 200, (tag, answer.text)
            found[tag] = str(Digest.of(answer.content))
            for one in [answer.json()["config"], *answer.json()["layers"]]:
                blob = requests.get(f"{self.server.url}/v2/{IMAGE}/blobs/{one['digest']}", auth=AUTH, timeout=30)
                assert str(Digest.of(blob.content)) == one["digest"]
        return found

    def follow(self, title: str) -> None:
        """Run the commands under a title."""
        script = block(title)
        assert (STORE in script) == (DATA in script)
        script = script.replace(STORE, shlex.quote(self.store)).replace(DATA, str(self.server.data))
        given = {name: value for name, value in self.server.settings.items() if name not in ("storage", "data", "bind")}
        environ = environment(**given)
        environ["PATH"] = f"{Path(sys.executable).parent}:{os.environ['PATH']}"
        if STORE not in block(title):
            environ |= {"OCIREG_STORAGE": self.store, "OCIREG_DATA": str(self.server.data)}
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", script], env=environ, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture(params=["folder", "seaweedfs"])
def registry(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Registry]:
    """A registry that serves, with an organization, over either store."""
    store = f"file:{tmp_path / 'bucket'}"
    if request.param == "seaweedfs":
        found: S3Store = request.getfixturevalue("seaweedfs")
        store = found.url(found.new_bucket(), prefix="registry")
        for name, value in CREDENTIALS.items():
            monkeypatch.setenv(name, value)
    made = Registry(tmp_path, store)
    with made.server as server:
        api = f"{server.url}/api/v1"
        for path, slug in (("organizations", "acme"), ("organizations/acme/registries", "apps")):
            answer = requests.post(f"{api}/{path}", json={"slug": slug, "name": slug}, auth=AUTH, timeout=30)
            assert answer.status_code == 201, answer.text
        yield made


def lose(registry: Registry) -> None:
    """Kill the registry, and lose its data folder."""
    registry.server.kill()
    shutil.rmtree(registry.server.data)


def test_a_lost_disk_with_a_surviving_bucket(registry: Registry) -> None:
    for tag in ("v0", "v1", "moved"):
        registry.push(tag, tag.encode())
    done = registry.server.run("backup")
    assert done.returncode == 0, done.stderr
    registry.push("v2", b"pushed since")
    registry.push("moved", b"somewhere else")
    before = registry.pulled()
    lose(registry)
    registry.follow("A lost disk with a surviving bucket")
    with registry.server:
        assert registry.pulled() == before
        assert registry.server.clean_up()["leftover_objects"] == 2  # configs that were pushed again, before and since
        assert registry.pulled() == before


@pytest.mark.long
def test_without_a_snapshot(registry: Registry) -> None:
    for tag in NAMED:
        registry.push(tag, tag.encode())
    before = registry.pulled()
    lose(registry)
    registry.follow("Without a snapshot")
    with registry.server:
        assert registry.pulled() == before
        registry.server.clean_up()
        assert registry.pulled() == before


@pytest.mark.long
def test_an_older_database(registry: Registry) -> None:
    for tag in ("v0", "v1", "moved"):
        registry.push(tag, tag.encode())
    registry.server.stop()
    shutil.copytree(registry.server.data, registry.folder / "an hour ago")
    with registry.server:
        registry.push("v2", b"pushed since")
        registry.push("moved", b"somewhere else")
        before = registry.pulled()
    shutil.rmtree(registry.server.data)
    shutil.copytree(registry.folder / "an hour ago", registry.server.data)
    with registry.server:
        report = registry.server.clean_up()
        assert report["held"]
        registry.follow("An older database")
        assert registry.pulled() == before
        assert not registry.server.clean_up()["held"]
        assert registry.pulled() == before
