"""The docker engine, driven by the docker client. It needs no bridge, and counts 127.0.0.0/8 as insecure by itself."""

import json
from pathlib import Path

from tests.clients import images
from tests.clients.accounts import Accounts
from tests.clients.run import Run, digest_of
from tests.faults.slow_proxy import slow_proxy


def test_an_image_is_pushed_pulled_and_built_on(
    run: Run, engine: str, address: str, layout: images.Layout, tmp_path: Path
) -> None:
    there = f"{address}/docker/image:v1"
    run("skopeo", "copy", f"oci:{layout.path}:image", f"docker-archive:{tmp_path}/image.tar:{there}")
    run("docker", "-H", engine, "load", "-i", tmp_path / "image.tar")
    told = run("docker", "-H", engine, "push", there)
    pushed = digest_of(address, "docker/image", "v1")
    assert pushed in told
    before = run("docker", "-H", engine, "image", "inspect", "-f", "{{.Id}}", there)
    run("docker", "-H", engine, "rmi", "-f", there)
    run("docker", "-H", engine, "pull", there)
    assert run("docker", "-H", engine, "image", "inspect", "-f", "{{.Id}}", there) == before
    run("docker", "-H", engine, "rmi", "-f", there)
    run("docker", "-H", engine, "pull", f"{address}/docker/image@{pushed}")
    run("docker", "-H", engine, "tag", f"{address}/docker/image@{pushed}", f"{address}/docker/mounted:v1")
    assert "Mounted from docker/image" in run("docker", "-H", engine, "push", f"{address}/docker/mounted:v1")


def test_an_index_is_made_pushed_and_inspected(run: Run, engine: str, address: str, layout: images.Layout) -> None:
    there = f"{address}/docker/index"
    run("skopeo", "copy", "--all", "--dest-tls-verify=false", f"oci:{layout.path}:index", f"docker://{there}:src")
    raw = json.loads(run("skopeo", "inspect", "--raw", "--tls-verify=false", f"docker://{there}:src"))
    children = [f"{there}@{one['digest']}" for one in raw["manifests"]]
    run("docker", "-H", engine, "manifest", "create", "--insecure", f"{there}:both", *children)
    run("docker", "-H", engine, "manifest", "push", "--insecure", f"{there}:both")
    told = run("docker", "-H", engine, "manifest", "inspect", "--insecure", f"{there}:both")
    assert {one["platform"]["architecture"] for one in json.loads(told)["manifests"]} == {"amd64", "arm64"}
    run("docker", "-H", engine, "pull", f"{there}:both")


def test_a_push_with_pauses_between_its_requests_succeeds(
    run: Run, engine: str, address: str, accounts: Accounts, tmp_path: Path
) -> None:
    small = images.make(tmp_path / "small", layers=2)
    with slow_proxy(address, 2, 10) as (slow, pauses):
        there = f"{slow}/docker/slow:v1"
        run.know(slow, accounts.writer, accounts.token)
        run("skopeo", "copy", f"oci:{small.path}:image", f"docker-archive:{tmp_path}/slow.tar:{there}")
        run("docker", "-H", engine, "load", "-i", tmp_path / "slow.tar")
        told = run("docker", "-H", engine, "push", there)
    assert digest_of(address, "docker/slow", "v1") in told
    assert len(pauses) >= 8
    assert min(pauses) >= 2
