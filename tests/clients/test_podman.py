"""podman."""

import json
from pathlib import Path

import pytest

from tests.clients import images
from tests.clients.run import Run, digest_of


@pytest.mark.parametrize("compression", ["gzip", "zstd", "zstd:chunked"])
def test_an_image_is_pushed_and_pulled(
    run: Run, address: str, layout: images.Layout, tmp_path: Path, compression: str
) -> None:
    there = f"{address}/podman/{compression.replace(':', '-')}:v1"
    run("podman", "pull", "-q", f"oci:{layout.path}:image")
    image = run("podman", "images", "-q", "--no-trunc").split()[0]
    before = json.loads(run("podman", "inspect", image))[0]["Id"]
    digest_file = tmp_path / "digest"
    extra = ["--compression-format", compression] if compression != "gzip" else []
    run("podman", "push", "-q", "--tls-verify=false", "--digestfile", digest_file, *extra, image, there)
    assert digest_of(address, there.split("/", 1)[1].split(":", maxsplit=1)[0], "v1") == digest_file.read_text()
    run("podman", "rmi", "-f", image)
    run("podman", "pull", "-q", "--tls-verify=false", there)
    after = json.loads(run("podman", "inspect", there))[0]
    assert after["Id"] == before
    assert after["Digest"] == digest_file.read_text()
