"""A registry for the clients, images to push, and the clients themselves, where they are installed."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients import images
from tests.clients.accounts import ADMIN, Accounts, accounts_of
from tests.clients.run import Run, require
from tests.server import Server, stopped_at_the_end


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what needs programs of other makers; the clients written in Python come with the tests."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents and not item.path.name.startswith("test_python_"):
            is_long = item.path.name == "test_cosign.py" or item.get_closest_marker("long")
            item.add_marker(pytest.mark.long if is_long else pytest.mark.clients)


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
