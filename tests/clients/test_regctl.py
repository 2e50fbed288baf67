"""regctl: copies, chunked uploads, referrers, deletes."""

import json
from pathlib import Path

import pytest

from tests.clients import images
from tests.clients.run import Run, digest_of


@pytest.fixture
def regctl(run: Run, address: str) -> Run:
    run("regctl", "registry", "set", "--tls", "disabled", "--blob-chunk", "40000", "--blob-max", "60000", address)
    return run


def test_an_index_is_copied_in_and_out_in_chunks(
    regctl: Run, address: str, layout: images.Layout, tmp_path: Path
) -> None:
    regctl("regctl", "image", "copy", f"ocidir://{layout.path}:index", f"{address}/regctl/index:v1")
    assert digest_of(address, "regctl/index", "v1") == layout.index
    regctl("regctl", "image", "copy", f"{address}/regctl/index:v1", f"ocidir://{tmp_path}/back:v1")
    assert images.digests(tmp_path / "back") == images.digests(layout.path)


def test_referrers_are_attached_listed_and_copied(
    regctl: Run, address: str, layout: images.Layout, tmp_path: Path
) -> None:
    there = f"{address}/regctl/subject"
    regctl("regctl", "image", "copy", f"ocidir://{layout.path}:image", f"{there}:v1")
    (tmp_path / "sbom").write_text("contents")
    regctl(
        "regctl", "artifact", "put", "--subject", f"{there}:v1", "--artifact-type", "application/example.sbom",
        "--file", tmp_path / "sbom", "--file-media-type", "text/plain",
    )  # fmt: skip
    listed = json.loads(regctl("regctl", "artifact", "list", "--format", "{{jsonPretty .}}", f"{there}:v1"))
    assert [one["artifactType"] for one in listed["descriptors"]] == ["application/example.sbom"]
    regctl("regctl", "image", "copy", "--referrers", f"{there}:v1", f"{address}/regctl/moved:v1")
    moved = json.loads(
        regctl("regctl", "artifact", "list", "--format", "{{jsonPretty .}}", f"{address}/regctl/moved:v1")
    )
    assert [one["digest"] for one in moved["descriptors"]] == [one["digest"] for one in listed["descriptors"]]


def test_a_tag_and_a_manifest_are_deleted(regctl: Run, address: str, layout: images.Layout) -> None:
    there = f"{address}/regctl/delete"
    for tag in ("one", "two", "three"):
        regctl("regctl", "image", "copy", f"ocidir://{layout.path}:image", f"{there}:{tag}")
    regctl("regctl", "tag", "rm", f"{there}:one")
    assert regctl("regctl", "tag", "ls", there).split() == ["three", "two"]
    regctl("regctl", "manifest", "rm", "--force-tag-dereference", f"{there}:two")
    assert regctl("regctl", "tag", "ls", there).split() == []
