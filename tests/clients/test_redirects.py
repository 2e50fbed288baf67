"""Clients that are sent to the store for blobs, each from push to pull."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients import images
from tests.clients.run import Run, digest_of
from tests.server import Server
from tests.stores import homes
from tests.stores.gcs_account import account
from tests.stores.served import on_s3


@pytest.fixture(scope="module", params=["s3", "gcs"])
def server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """A registry over S3, or over Cloud Storage, that redirects all it can."""
    folder = tmp_path_factory.mktemp("redirecting")
    if request.param == "s3":
        with on_s3(folder, request.getfixturevalue("seaweedfs"), redirect="always") as running:
            yield running
    else:
        with account() as service:
            home = homes.gcs(request.getfixturevalue("fake_gcs"))
            with Server(folder, gcs_credentials=service.key, redirect="always", **home.settings) as running:
                yield running


@pytest.fixture(scope="module")
def address(server: Server) -> str:
    """Where it listens."""
    return server.address


def redirects(server: Server, repository: str) -> int:
    """Return how many pulls of blobs of a repository were sent to the store; fail if one was served here."""
    lines = [line for line in server.log.read_text().splitlines() if f'"GET /v2/{repository}/blobs/' in line]
    statuses = [line.rpartition('HTTP/1.1" ')[2].split()[0] for line in lines]
    assert set(statuses) <= {"307", "404"}, lines
    return statuses.count("307")


@pytest.mark.parametrize("tag", ["image", "index"])
def test_skopeo(run: Run, server: Server, address: str, layout: images.Layout, tmp_path: Path, tag: str) -> None:
    there = f"docker://{address}/skopeo/{tag}:v1"
    run("skopeo", "copy", "--all", "--dest-tls-verify=false", f"oci:{layout.path}:{tag}", there)
    run("skopeo", "copy", "--all", "--src-tls-verify=false", there, f"oci:{tmp_path}/back:{tag}")
    assert images.tags(tmp_path / "back")[tag] == images.tags(layout.path)[tag]
    assert images.digests(tmp_path / "back") <= images.digests(layout.path)
    assert redirects(server, f"skopeo/{tag}") >= 13


@pytest.mark.parametrize("compression", ["gzip", "zstd:chunked"])
def test_podman(
    run: Run, server: Server, address: str, layout: images.Layout, tmp_path: Path, compression: str
) -> None:
    repository = f"podman/{compression.replace(':', '-')}"
    there = f"{address}/{repository}:v1"
    run("podman", "pull", "-q", f"oci:{layout.path}:image")
    image = run("podman", "images", "-q", "--no-trunc").split()[0]
    extra = ["--compression-format", compression] if compression != "gzip" else []
    run("podman", "push", "-q", "--tls-verify=false", "--digestfile", tmp_path / "digest", *extra, image, there)
    run("podman", "rmi", "-f", image)
    run("podman", "pull", "-q", "--tls-verify=false", there)
    assert run("podman", "images", "-q", "--no-trunc").split()[0] == image
    assert redirects(server, repository) >= 13


def test_docker(run: Run, engine: str, server: Server, address: str, layout: images.Layout, tmp_path: Path) -> None:
    there = f"{address}/docker/image:v1"
    run("skopeo", "copy", f"oci:{layout.path}:image", f"docker-archive:{tmp_path}/image.tar:{there}")
    run("docker", "-H", engine, "load", "-i", tmp_path / "image.tar")
    told = run("docker", "-H", engine, "push", there)
    assert digest_of(address, "docker/image", "v1") in told
    before = run("docker", "-H", engine, "image", "inspect", "-f", "{{.Id}}", there)
    run("docker", "-H", engine, "rmi", "-f", there)
    run("docker", "-H", engine, "pull", there)
    assert run("docker", "-H", engine, "image", "inspect", "-f", "{{.Id}}", there) == before
    assert redirects(server, "docker/image") >= 13
    run("docker", "-H", engine, "rmi", "-f", there)  # the engine has its layers for the next server too
