"""A registry for the clients, images to push, and the clients themselves, where they are installed."""

import base64
import json
import os
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

from tests.clients import images
from tests.clients.accounts import ADMIN, Accounts, accounts_of
from tests.server import Server, stopped_at_the_end

DEBIAN = {"ctr": "containerd", "dockerd": "docker.io", "containerd": "containerd"}
GO = {
    "crane": "github.com/google/go-containerregistry/cmd/crane",
    "regctl": "github.com/regclient/regclient/cmd/regctl",
    "oras": "oras.land/oras/cmd/oras",
    "cosign": "github.com/sigstore/cosign/v2/cmd/cosign",
    "helm": "helm.sh/helm/v3/cmd/helm",
}


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


class Run:
    """Runs clients, with a home and a configuration of their own below a folder; a call returns what was printed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        (self.home / "storage.conf").write_text(
            f'[storage]\ndriver = "vfs"\ngraphroot = "{folder}/graph"\nrunroot = "{folder}/run"\n'
        )
        (self.home / "policy.json").write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
        self.environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "TMPDIR": str(folder),
            "XDG_RUNTIME_DIR": str(self.home),
            "CONTAINERS_STORAGE_CONF": str(self.home / "storage.conf"),
            "BUILDAH_ISOLATION": "chroot",
            "COSIGN_PASSWORD": "",
        }

    def __call__(self, *command: object, fails: bool = False, cwd: Path | None = None, stdin: str = "") -> str:
        """Run a program to its end; fail unless it succeeds, or ``fails``."""
        done = self.ended(*command, cwd=cwd, stdin=stdin)
        assert (done.returncode != 0) == fails, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def ended(self, *command: object, cwd: Path | None = None, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a program to its end, however it ends."""
        return subprocess.run(
            [require(str(command[0])), *map(str, command[1:])],
            env=self.environ,
            cwd=cwd or self.folder,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def know(self, address: str, name: str, secret: str) -> None:
        """Let all clients be logged in at a registry: they read this file, or fall back to it."""
        path = self.home / ".docker" / "config.json"
        path.parent.mkdir(exist_ok=True)
        known = json.loads(path.read_text())["auths"] if path.exists() else {}
        known[address] = {"auth": base64.b64encode(f"{name}:{secret}".encode()).decode()}
        path.write_text(json.dumps({"auths": known}))


@pytest.fixture(scope="session")
def logins() -> dict[str, Accounts]:
    """Whose secrets are good where, by address; nobody's, where everything is open."""
    return {}


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory, logins: dict[str, Accounts]) -> Iterator[Server]:
    """A registry with accounts for all client tests; each uses repositories of its own."""
    made = Server(
        tmp_path_factory.mktemp("registry"),
        open="false",
        admin_token=ADMIN,
        login_failures=1000,
        token_requests=100_000,
    )
    logins[made.address] = accounts_of(made)
    with made as running:
        yield running


@pytest.fixture
def accounts(server: Server, logins: dict[str, Accounts]) -> Accounts:
    """Whose secrets are good there."""
    return logins[server.address]


@pytest.fixture(scope="session")
def address(server: Server) -> str:
    """Where it listens."""
    return server.address


@pytest.fixture(scope="session")
def layout(tmp_path_factory: pytest.TempPathFactory) -> images.Layout:
    """Images to push."""
    return images.make(tmp_path_factory.mktemp("images") / "layout")


@pytest.fixture
def stranger(tmp_path: Path) -> Run:
    """Run a client that knows nobody anywhere."""
    return Run(tmp_path / "stranger")


@pytest.fixture
def run(tmp_path: Path, address: str, logins: dict[str, Accounts]) -> Run:
    """Run a client that is logged in, where there are accounts."""
    made = Run(tmp_path)
    if known := logins.get(address):
        made.know(address, known.writer, known.token)
    return made


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


@pytest.fixture(scope="module")
def ctr(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, ...]]:
    """Start a containerd of its own; yield how its client is called."""
    program = require("containerd")
    if os.geteuid() != 0:
        pytest.skip("containerd needs root")
    folder = tmp_path_factory.mktemp("containerd")
    (folder / "config.toml").write_text(
        f'version = 2\nroot = "{folder}/root"\nstate = "{folder}/state"\n'
        f'disabled_plugins = ["io.containerd.grpc.v1.cri"]\n[grpc]\naddress = "{folder}/sock"\n'
    )
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen([program, "-c", str(folder / "config.toml")], stdout=log, stderr=log)
    client = ("ctr", "-a", f"{folder}/sock")
    with stopped_at_the_end(process):
        for _ in range(600):
            asked = subprocess.run([require("ctr"), *client[1:], "version"], capture_output=True, check=False)
            if asked.returncode == 0:
                break
            assert process.poll() is None, (folder / "log").read_text()
            time.sleep(0.1)
        yield client


def digest_of(address: str, repository: str, reference: str) -> str:
    """Return the digest that the registry gives for a reference, to its administrator."""
    accept = "application/vnd.oci.image.index.v1+json"
    answer = requests.get(
        f"http://{address}/v2/{repository}/manifests/{reference}",
        headers={"Accept": accept},
        auth=("admin", ADMIN),
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    return answer.headers["Docker-Content-Digest"]
