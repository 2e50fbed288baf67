"""A collection that is killed at any step leaves a registry that is whole, and the next one does what it did not."""

import itertools
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from ocireg.app import close, create_app
from ocireg.oci.digest import Digest
from tests.conftest import BufferedClient, installation
from tests.faults.test_soak import left_in
from tests.server import Server, environment
from tests.settings import settings_for
from tests.web.v2 import push

SETTINGS = {"gc_grace": 0, "upload_protection": "0.01s", "orphan_grace": 0}


def put(client: FlaskClient, tag: str, *layers: bytes) -> None:
    """Push an image."""
    for one in (b"{}", *layers):
        push.blob(client, "a/b", one)
    push.manifest(client, "a/b", tag, push.image(layers=layers))


def require_whole(client: FlaskClient, *layers: bytes) -> None:
    """Check that the image that is kept is whole."""
    assert client.get("/v2/a/b/manifests/kept").get_data() == push.image(layers=layers)
    for one in (b"{}", *layers):
        assert client.get(f"/v2/a/b/blobs/{Digest.of(one)}").get_data() == one


def collect(server: Server, counter: Path) -> subprocess.CompletedProcess[bytes]:
    """Run a collection that dies at a step."""
    command = [sys.executable, "-m", "tests.faults.killable", "gc", "--json"]
    variables = environment(**server.settings) | {"OCIREG_TEST_KILL": str(counter)}
    return subprocess.run(command, env=variables, capture_output=True, check=False)


@pytest.mark.faults
def test_a_collection_killed_at_any_step_loses_nothing_and_leaves_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counter = tmp_path / "counter"
    server = Server(tmp_path, **SETTINGS)  # type: ignore[arg-type] # settings by name
    app = create_app(settings_for(tmp_path, **SETTINGS))
    app.test_client_class = BufferedClient
    client, database, registry = app.test_client(), installation(app).database, installation(app).registry
    common, kept = os.urandom(500), os.urandom(500)
    put(client, "kept", common, kept)
    deaths = 0
    for number in itertools.count(1):
        put(client, "gone", common, os.urandom(500))
        client.delete("/v2/a/b/manifests/gone")
        time.sleep(0.02)  # the protection is over
        counter.write_text(str(number))
        done = collect(server, counter)
        require_whole(client, common, kept)
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, (done.stdout, done.stderr)
        deaths += 1
        assert left_in(server.data, database.fetch_all)["missing"] == 0
        with database.transaction():  # as if the lease of the dead had run out
            database.change("UPDATE task SET held_until = 0")
        registry.collector.run()
        registry.sweep.run()
        found = left_in(server.data, database.fetch_all)
        assert not any(found.values()), found
    counter.unlink()
    with capsys.disabled():
        print(f"\nkilled at each of {deaths} steps of a collection")
    assert deaths > 5
    close(app)
    database.close()
