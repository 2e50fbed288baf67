"""skopeo."""

import json
from pathlib import Path

import pytest

from ocireg.metadata.audit import SYSTEM
from ocireg.metadata.immutable_rules import Rule
from tests.clients import images
from tests.clients.accounts import manager_of
from tests.clients.run import Run, digest_of
from tests.server import Server


@pytest.mark.parametrize("tag", ["image", "index"])
def test_what_is_copied_in_is_copied_out(
    run: Run, address: str, layout: images.Layout, tmp_path: Path, tag: str
) -> None:
    there = f"docker://{address}/skopeo/{tag}:v1"
    run("skopeo", "copy", "--all", "--dest-tls-verify=false", f"oci:{layout.path}:{tag}", there)
    wanted = images.tags(layout.path)[tag]
    assert digest_of(address, f"skopeo/{tag}", "v1") == wanted
    run("skopeo", "copy", "--all", "--src-tls-verify=false", there, f"oci:{tmp_path}/back:{tag}")
    assert images.tags(tmp_path / "back")[tag] == wanted
    assert images.digests(tmp_path / "back") <= images.digests(layout.path)
    assert len(images.digests(tmp_path / "back")) >= 14


def test_a_docker_schema_2_image_stays_one(run: Run, address: str, layout: images.Layout) -> None:
    there = f"docker://{address}/skopeo/schema2:v1"
    run("skopeo", "copy", "--format=v2s2", "--dest-tls-verify=false", f"oci:{layout.path}:image", there)
    raw = json.loads(run("skopeo", "inspect", "--raw", "--tls-verify=false", there))
    assert raw["mediaType"] == "application/vnd.docker.distribution.manifest.v2+json"


def test_tags_are_listed_and_a_deleted_image_is_gone(run: Run, address: str, layout: images.Layout) -> None:
    there = f"docker://{address}/skopeo/delete"
    run("skopeo", "copy", "--dest-tls-verify=false", f"oci:{layout.path}:image", f"{there}:one")
    run("skopeo", "copy", "--dest-tls-verify=false", f"{there}:one", f"{there}:two", "--src-tls-verify=false")
    assert json.loads(run("skopeo", "list-tags", "--tls-verify=false", there))["Tags"] == ["one", "two"]
    run("skopeo", "delete", "--tls-verify=false", f"{there}:one")
    run("skopeo", "inspect", "--tls-verify=false", f"{there}:two", fails=True)


def test_a_repository_is_mirrored(run: Run, address: str, layout: images.Layout, tmp_path: Path) -> None:
    run("skopeo", "copy", "--dest-tls-verify=false", f"oci:{layout.path}:image", f"docker://{address}/skopeo/sync:v1")
    run("skopeo", "sync", "--src=docker", "--dest=dir", "--src-tls-verify=false", f"{address}/skopeo/sync", tmp_path)
    assert (tmp_path / "sync:v1" / "manifest.json").exists()


def test_an_immutable_tag_is_pushed_once_and_the_refusal_names_it(
    run: Run, address: str, server: Server, layout: images.Layout
) -> None:
    manager = manager_of(server.folder, server)
    rule = Rule(("v*",), repositories=("immutable/*",))
    manager.immutable.add(SYSTEM, "root", rule)
    there, push = f"docker://{address}/immutable/app", ("skopeo", "copy", "--dest-tls-verify=false")
    for tag in ("image", "index", "image"):
        options = (*push, "--all", f"oci:{layout.path}:{tag}", f"{there}:v1")
        done = run.ended(*options)
        assert (done.returncode == 0) == (tag == "image"), done.stderr
        if tag == "index":
            assert "the tag v1 of immutable/app is immutable (rule: v* in immutable/*)" in done.stderr
    run(*push, f"oci:{layout.path}:image", f"{there}:latest")
    for tag in ("v1", "latest"):  # deleted by digest, which is that of both
        done = run.ended("skopeo", "delete", "--tls-verify=false", f"{there}:{tag}")
        assert done.returncode != 0
        assert "the tag v1 of immutable/app is immutable" in done.stderr
    assert digest_of(address, "immutable/app", "v1") == images.tags(layout.path)["image"]
