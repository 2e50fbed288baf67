"""buildah: an image built here, and an index of two platforms."""

import json
from pathlib import Path

from tests.clients import images
from tests.clients.run import Run, digest_of


def test_a_built_image_is_pushed_and_pulled(run: Run, address: str, tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content" * 10_000)
    container = run("buildah", "from", "scratch").strip()
    run("buildah", "copy", container, tmp_path / "file", "/file")
    run("buildah", "config", "--label", "made=here", container)
    run("buildah", "commit", "-q", container, "built")
    run(
        "buildah",
        "push",
        "--tls-verify=false",
        "--digestfile",
        tmp_path / "d",
        "built",
        f"docker://{address}/buildah/built:v1",
    )
    assert digest_of(address, "buildah/built", "v1") == (tmp_path / "d").read_text()
    run("buildah", "rmi", "-f", "-a")
    run("buildah", "pull", "-q", "--tls-verify=false", f"docker://{address}/buildah/built:v1")
    assert "made" in run("buildah", "inspect", "--type", "image", f"{address}/buildah/built:v1")


def test_an_index_of_two_platforms_is_pushed_whole(run: Run, address: str, layout: images.Layout) -> None:
    run(
        "skopeo",
        "copy",
        "--all",
        "--dest-tls-verify=false",
        f"oci:{layout.path}:index",
        f"docker://{address}/buildah/src:v1",
    )
    run("buildah", "manifest", "create", "--all", "--tls-verify=false", "both", f"docker://{address}/buildah/src:v1")
    run("buildah", "manifest", "push", "--all", "--tls-verify=false", "both", f"docker://{address}/buildah/index:v1")
    raw = json.loads(run("skopeo", "inspect", "--raw", "--tls-verify=false", f"docker://{address}/buildah/index:v1"))
    assert {one["platform"]["architecture"] for one in raw["manifests"]} == {"amd64", "arm64"}
