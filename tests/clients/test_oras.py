"""oras: artifacts, attachments, copies."""

import json
from pathlib import Path

from tests.clients import images
from tests.clients.run import Run, digest_of


def test_an_artifact_is_pushed_and_pulled(run: Run, address: str, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "report.txt").write_text("a report")
    run(
        "oras", "push", "--plain-http", "--artifact-type", "application/example.report", "--annotation", "made=here",
        f"{address}/oras/report:v1", "report.txt:text/plain", cwd=tmp_path / "in",
    )  # fmt: skip
    run("oras", "pull", "--plain-http", "-o", tmp_path / "out", f"{address}/oras/report:v1")
    assert (tmp_path / "out" / "report.txt").read_text() == "a report"


def test_an_index_and_what_is_attached_to_it_are_copied_recursively(
    run: Run, address: str, layout: images.Layout, tmp_path: Path
) -> None:
    there = f"{address}/oras/index"
    run("oras", "cp", "-r", "--from-oci-layout", "--to-plain-http", f"{layout.path}:index", f"{there}:v1")
    assert digest_of(address, "oras/index", "v1") == layout.index
    (tmp_path / "signature").write_text("signed")
    run(
        "oras", "attach", "--plain-http", "--artifact-type", "application/example.signature", f"{there}:v1",
        "signature:text/plain",
    )  # fmt: skip
    found = json.loads(run("oras", "discover", "--plain-http", "--format", "json", f"{there}:v1"))
    assert "application/example.signature" in json.dumps(found)
    run("oras", "cp", "-r", "--from-plain-http", "--to-oci-layout", f"{there}:v1", f"{tmp_path}/back:v1")
    assert images.digests(layout.path) <= images.digests(tmp_path / "back")


def test_a_blob_is_pushed_fetched_and_deleted(run: Run, address: str, tmp_path: Path) -> None:
    (tmp_path / "blob").write_bytes(b"blob" * 50_000)
    told = run("oras", "blob", "push", "--plain-http", "--descriptor", f"{address}/oras/blob", tmp_path / "blob")
    digest = json.loads(told)["digest"]
    run("oras", "blob", "fetch", "--plain-http", "--output", tmp_path / "back", f"{address}/oras/blob@{digest}")
    assert (tmp_path / "back").read_bytes() == b"blob" * 50_000
    run("oras", "blob", "delete", "--plain-http", "--force", f"{address}/oras/blob@{digest}")
    run(
        "oras",
        "blob",
        "fetch",
        "--plain-http",
        "--output",
        tmp_path / "no",
        f"{address}/oras/blob@{digest}",
        fails=True,
    )


def test_tags_and_repositories_are_listed(run: Run, address: str, tmp_path: Path) -> None:
    (tmp_path / "x").write_text("x")
    run("oras", "push", "--plain-http", f"{address}/oras/tags:a,b,c", "x:text/plain")
    assert run("oras", "repo", "tags", "--plain-http", f"{address}/oras/tags").split() == ["a", "b", "c"]
    assert "oras/tags" in run("oras", "repo", "ls", "--plain-http", address).split()
