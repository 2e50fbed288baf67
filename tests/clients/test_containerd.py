"""containerd, driven by ctr."""

from pathlib import Path

import pytest

from tests.clients import images
from tests.clients.accounts import Accounts
from tests.clients.run import Run, digest_of


@pytest.mark.parametrize("tag", ["image", "index"])
def test_what_is_pushed_is_pulled(
    run: Run, ctr: tuple[str, ...], address: str, accounts: Accounts, layout: images.Layout, tmp_path: Path, tag: str
) -> None:
    there, login = f"{address}/containerd/{tag}:v1", f"{accounts.writer}:{accounts.token}"
    run("skopeo", "copy", "--all", f"oci:{layout.path}:{tag}", f"oci-archive:{tmp_path}/{tag}.tar")
    run(*ctr, "images", "import", "--all-platforms", "--digests", "--base-name", there, f"{tmp_path}/{tag}.tar")
    wanted = images.tags(layout.path)[tag]
    name = next(line.split()[0] for line in run(*ctr, "images", "ls").splitlines() if wanted in line)
    run(*ctr, "images", "tag", name, there)
    run(*ctr, "images", "push", "--plain-http", "--user", login, there)
    assert digest_of(address, f"containerd/{tag}", "v1") == wanted
    run(*ctr, "images", "rm", "--sync", name, there)
    run(*ctr, "images", "pull", "--plain-http", "--user", login, "--all-platforms", there)
    assert wanted in run(*ctr, "images", "ls", f"name=={there}")
