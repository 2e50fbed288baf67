"""crane."""

from pathlib import Path

from tests.clients import images
from tests.clients.run import Run, digest_of


def test_an_image_and_an_index_are_pushed_validated_and_pulled(
    run: Run, address: str, layout: images.Layout, tmp_path: Path
) -> None:
    run(
        "skopeo",
        "copy",
        "--all",
        "--dest-tls-verify=false",
        f"oci:{layout.path}:index",
        f"docker://{address}/crane/source:v1",
    )
    run("crane", "copy", "--insecure", f"{address}/crane/source:v1", f"{address}/crane/copy:v1")
    assert digest_of(address, "crane/copy", "v1") == layout.index
    run("crane", "pull", "--insecure", "--format=oci", f"{address}/crane/copy:v1", tmp_path / "back")
    assert layout.index.removeprefix("sha256:") in images.digests(tmp_path / "back")
    run("crane", "push", "--insecure", "--index", tmp_path / "back", f"{address}/crane/again:v1")
    run("crane", "validate", "--insecure", "--remote", f"{address}/crane/again:v1")
    assert run("crane", "digest", "--insecure", f"{address}/crane/copy:v1").strip() == layout.index


def test_tags_and_repositories_are_listed_and_deleted(run: Run, address: str, layout: images.Layout) -> None:
    run("skopeo", "copy", "--dest-tls-verify=false", f"oci:{layout.path}:image", f"docker://{address}/crane/tags:one")
    run("crane", "tag", "--insecure", f"{address}/crane/tags:one", "two")
    assert run("crane", "ls", "--insecure", f"{address}/crane/tags").split() == ["one", "two"]
    assert "crane/tags" in run("crane", "catalog", "--insecure", address).split()
    run("crane", "delete", "--insecure", f"{address}/crane/tags:one")
    assert run("crane", "ls", "--insecure", f"{address}/crane/tags").split() == ["two"]
    run("crane", "delete", "--insecure", f"{address}/crane/tags@{layout.image}")
    assert run("crane", "ls", "--insecure", f"{address}/crane/tags").split() == []
