"""A registry for the clients, images to push, and the clients themselves, where they are installed."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import requests

from tests.clients import images
from tests.server import Server, stopped_at_the_end

DEBIAN = {"ctr": "containerd", "dockerd": "docker.io", "containerd": "containerd"}
GO = {
    "crane": "github.com/google/go-containerregistry/cmd/crane",
    "regctl": "github.com/regclient/regclient/cmd/regctl",
    "oras": "oras.land/oras/cmd/oras",
    "cosign": "github.com/sigstore/cosign/v2/cmd/cosign",
    "helm": "helm.sh/helm/v3/cmd/helm",
}

Run = Callable[..., str]


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs programs of other makers; the clients written in Python come with the tests."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and not item.path.name.startswith("test_python_"):
            item.add_marker(pytest.mark.long if item.path.name == "test_cosign.py" else pytest.mark.clients)


def require(name: str) -> str:
    """Return the path of a program; without it, skip, and say how to install it. In CI it must be there."""
    found = shutil.which(name)
    if found:
        return found
    how = f"go install {GO[name]}@latest" if name in GO else f"apt-get install {DEBIAN.get(name, name)}"
    if os.environ.get("CI"):
        pytest.fail(f"{name} is not installed: {how}")
    pytest.skip(f"{name} is not installed: {how}")


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A registry for all client tests; each uses repositories of its own."""
    with Server(tmp_path_factory.mktemp("registry")) as running:
        yield running


@pytest.fixture(scope="session")
def address(server: Server) -> str:
    """Where it listens."""
    return server.address


@pytest.fixture(scope="session")
def layout(tmp_path_factory: pytest.TempPathFactory) -> images.Layout:
    """Images to push."""
    return images.make(tmp_path_factory.mktemp("images") / "layout")


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a client, with a home and a configuration of its own; return what it printed."""
    home = tmp_path / "home"
    home.mkdir()
    (home / "storage.conf").write_text(
        f'[storage]\ndriver = "vfs"\ngraphroot = "{tmp_path}/graph"\nrunroot = "{tmp_path}/run"\n'
    )
    (home / "policy.json").write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(tmp_path),
        "XDG_RUNTIME_DIR": str(home),
        "CONTAINERS_STORAGE_CONF": str(home / "storage.conf"),
        "BUILDAH_ISOLATION": "chroot",
        "COSIGN_PASSWORD": "",
    }

    def call(*command: object, fails: bool = False, cwd: Path | None = None) -> str:
        program = require(str(command[0]))
        done = subprocess.run(
            [program, *map(str, command[1:])],
            env=environ,
            cwd=cwd or tmp_path,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        assert (done.returncode != 0) == fails, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    return call


@pytest.fixture(scope="module")
def engine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Start an engine with a store of its own; yield the address of its socket."""
    program = require("dockerd")
    if os.geteuid() != 0:
        pytest.skip("the docker engine needs root")
    folder = tmp_path_factory.mktemp("docker")
    socket = f"unix://{folder}/docker.sock"
    command = [
        program, "--iptables=false", "--ip6tables=false", "--ip-masq=false", "--bridge=none", "--storage-driver=vfs",
        "--exec-root", f"{folder}/exec", "--data-root", f"{folder}/data", "--pidfile", f"{folder}/pid", "-H", socket,
    ]  # fmt: skip
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    with stopped_at_the_end(process):
        for _ in range(600):
            asked = subprocess.run([require("docker"), "-H", socket, "version"], capture_output=True, check=False)
            if asked.returncode == 0:
                break
            assert process.poll() is None, (folder / "log").read_text()
            time.sleep(0.1)
        yield socket


def digest_of(address: str, repository: str, reference: str) -> str:
    """Return the digest that the registry gives for a reference."""
    accept = "application/vnd.oci.image.index.v1+json"
    answer = requests.get(
        f"http://{address}/v2/{repository}/manifests/{reference}", headers={"Accept": accept}, timeout=30
    )
    assert answer.status_code == 200, answer.text
    return answer.headers["Docker-Content-Digest"]
