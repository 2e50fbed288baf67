"""The commands of the documentation, run as they are written but for the registry's name and the secret."""

import re
import shlex
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import requests

from ocireg.auth.scopes import PACKAGES
from ocireg.metadata.audit import SYSTEM
from tests.clients import images
from tests.clients.access.parties import works
from tests.clients.accounts import accounts_of, manager_of
from tests.clients.run import Run, require
from tests.server import Server
from tests.serving.certificates import self_signed

ROOT = Path(__file__).parents[3]
ACCESS = (ROOT / "docs" / "access.rst").read_text()
HOST = "registry.example.com"
READY = {
    "docker": "skopeo copy -q oci:web:1 docker-archive:web.tar:web:latest && docker load -i web.tar",
    "podman": "skopeo copy -q oci:web:1 containers-storage:localhost/web:latest",
    "skopeo": "true",
    "helm": "helm create app && helm package app",
    "oras": "echo a report > report.txt",
    "crane": "true",
    "regctl": "true",
    "containerd": "skopeo copy -q oci:web:1 docker-archive:web.tar:web:latest && ctr images import web.tar",
}
"""What there is before the first command, by the title of a part."""
PROGRAMS = {"containerd": "ctr"}
DAEMONS = {"docker": "engine", "containerd": "ctr"}


@dataclass(frozen=True, slots=True)
class Example:
    """The registry of the examples: ``token`` is alice's, ``reading`` are of two registries."""

    server: Server
    token: str
    reading: dict[str, str]


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Example]:
    """A registry over TLS, with what the page makes."""
    folder = tmp_path_factory.mktemp("example")
    self_signed(folder)
    server = Server(folder, open="false", tls_cert=folder / "cert.pem", tls_key=folder / "key.pem")
    server.url = f"https://{server.address}"
    with requests.Session() as session:
        session.trust_env = False
        session.verify = str(folder / "cert.pem")
        server.session = session
        made = example_of(server)
        with server:
            yield made


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Example]:
    """The same without TLS: ctr speaks no other way to 127.0.0.1."""
    server = Server(tmp_path_factory.mktemp("plain"), open="false")
    made = example_of(server)
    with server:
        yield made


def example_of(server: Server) -> Example:
    reading = {"acme/private": accounts_of(server).reading}
    manager = manager_of(server.folder, server)
    manager.registries.create(SYSTEM, "acme/containers")
    manager.users.create(SYSTEM, "alice")
    for registry in ("acme/containers", "acme/private"):
        manager.registries.grant(SYSTEM, registry, "alice", "write")
    reading["acme/containers"] = manager.tokens.create_for_registry(SYSTEM, "acme/containers").secret
    return Example(server, manager.tokens.create(SYSTEM, "alice", scopes=PACKAGES).secret, reading)


def block(page: str, title: str) -> str:
    """Return the first commands under a title."""
    part = re.search(
        rf"^{re.escape(title)}\n([-~])\1+\n(.*?)(?=^[^\n]+\n[-~]{{3,}}\n|\Z)", page, re.MULTILINE | re.DOTALL
    )
    assert part, title
    found = re.search(r"::\n\n((?:    [^\n]*\n)+)", part[2])
    assert found, title
    return found[1]


def shell(run: Run, script: str, **environ: str) -> str:
    """Run a script as somebody would who types it."""
    run.environ |= environ
    return works(run.ended("bash", "-euo", "pipefail", "-c", script))


def at(example: Example, daemon: str = "") -> dict[str, str]:
    """Return the environment of a client of that registry."""
    told = {"DOCKER_HOST": daemon} if daemon.startswith("unix:") else {"CONTAINERD_ADDRESS": daemon}
    return {"SSL_CERT_FILE": str(example.server.folder / "cert.pem"), "TOKEN": example.token, **told}


@pytest.mark.parametrize("title", READY)
def test_the_commands_for_a_client_work(
    request: pytest.FixtureRequest, stranger: Run, layout: images.Layout, title: str
) -> None:
    require(PROGRAMS.get(title, title))
    example = request.getfixturevalue("plain" if title == "containerd" else "example")
    found = request.getfixturevalue(DAEMONS[title]) if title in DAEMONS else ""
    environ = at(example, found if isinstance(found, str) else found[-1])
    shell(stranger, f"skopeo copy -q oci:{layout.path}:image oci:web:1 && {READY[title]}", **environ)
    shell(stranger, block(ACCESS, title).replace(HOST, example.server.address))


def test_podman_keeps_secrets_by_path(stranger: Run, example: Example, layout: images.Layout) -> None:
    line = next(one.strip() for one in ACCESS.splitlines() if f"podman login {HOST}/acme/containers" in one)
    names = [f"{example.server.address}/{path}/by-path:1" for path in example.reading]
    environ = at(example)
    writer = Run(stranger.folder.with_name("writer"))
    writer.know(example.server.address, "alice", example.token)
    for name in names:
        shell(writer, f"skopeo copy -q oci:{layout.path}:image docker://{name}", **environ)
    for path, secret in example.reading.items():
        shell(
            stranger,
            line.replace("acme/containers", path).replace(HOST, example.server.address),
            **{**environ, "TOKEN": secret},
        )
    for name in names:
        shell(stranger, f"podman pull -q {name}")


def test_the_file_for_kaniko_lets_its_reader_in() -> None:
    assert '{"auths": {"registry.example.com": {"auth": "YWxpY2U6VE9LRU4="}}}' in ACCESS
    decoded = subprocess.run(["base64", "-d"], input="YWxpY2U6VE9LRU4=", capture_output=True, text=True, check=True)
    assert decoded.stdout == "alice:TOKEN"


@pytest.mark.parametrize("page", ["README.rst", "docs/quickstart.rst"])
def test_the_first_commands_that_a_user_sees_work(
    page: str, stranger: Run, engine: str, layout: images.Layout, tmp_path: Path
) -> None:
    (tmp_path / "first").mkdir()
    with Server(tmp_path / "first", open="false") as server:
        token = re.search(r"^  (ocireg_\w+)$", server.log.read_text(), re.MULTILINE)
        assert token
        script = "\n".join(typed((ROOT / page).read_text()))
        for told, meant in (("127.0.0.1:8000", server.address), ("TOKEN", token[1])):
            assert told in script
            script = script.replace(told, meant)
        busybox = "docker-archive:busybox.tar:busybox:latest"
        source = f"oci:{layout.path}:image"
        shell(
            stranger,
            f"skopeo copy -q {source} {busybox} && docker load -i busybox.tar && "
            f"skopeo copy -q {source} containers-storage:localhost/busybox:latest",
            DOCKER_HOST=engine,
        )
        shell(stranger, script)


def typed(page: str) -> list[str]:
    """Return the commands of a page that speak to a registry, in their order."""
    lines = [line.strip() for line in page.splitlines() if line.startswith("    ") and "127.0.0.1:8000" in line]
    assert all(shlex.split(one) for one in lines)
    return lines
