"""containerd, driven by ctr."""

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.clients import images
from tests.clients.conftest import Run, digest_of, require
from tests.server import stopped_at_the_end


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


@pytest.mark.parametrize("tag", ["image", "index"])
def test_what_is_pushed_is_pulled(
    run: Run, ctr: tuple[str, ...], address: str, layout: images.Layout, tmp_path: Path, tag: str
) -> None:
    there = f"{address}/containerd/{tag}:v1"
    run("skopeo", "copy", "--all", f"oci:{layout.path}:{tag}", f"oci-archive:{tmp_path}/{tag}.tar")
    run(*ctr, "images", "import", "--all-platforms", "--digests", "--base-name", there, f"{tmp_path}/{tag}.tar")
    wanted = images.tags(layout.path)[tag]
    name = next(line.split()[0] for line in run(*ctr, "images", "ls").splitlines() if wanted in line)
    run(*ctr, "images", "tag", name, there)
    run(*ctr, "images", "push", "--plain-http", there)
    assert digest_of(address, f"containerd/{tag}", "v1") == wanted
    run(*ctr, "images", "rm", "--sync", name, there)
    run(*ctr, "images", "pull", "--plain-http", "--all-platforms", there)
    assert wanted in run(*ctr, "images", "ls", f"name=={there}")
