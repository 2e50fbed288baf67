"""umoci: a layout of its own making, moved by skopeo, unpacked again."""

from pathlib import Path

from tests.clients.run import Run


def test_a_layout_comes_back_with_its_files(run: Run, address: str, tmp_path: Path) -> None:
    run("umoci", "init", "--layout", tmp_path / "made")
    run("umoci", "new", "--image", f"{tmp_path}/made:v1")
    for number in range(4):
        (tmp_path / f"file-{number}").write_bytes(bytes([number]) * 50_000)
        run("umoci", "insert", "--image", f"{tmp_path}/made:v1", tmp_path / f"file-{number}", f"/file-{number}")
    run("skopeo", "copy", "--dest-tls-verify=false", f"oci:{tmp_path}/made:v1", f"docker://{address}/umoci/made:v1")
    run("skopeo", "copy", "--src-tls-verify=false", f"docker://{address}/umoci/made:v1", f"oci:{tmp_path}/back:v1")
    run("umoci", "unpack", "--image", f"{tmp_path}/back:v1", tmp_path / "bundle")
    for number in range(4):
        assert (tmp_path / "bundle" / "rootfs" / f"file-{number}").read_bytes() == bytes([number]) * 50_000
