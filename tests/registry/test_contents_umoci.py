"""What an image shows, against what umoci unpacks: layers of another maker, and another maker's reading of them."""

import json
import os
import random
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from ocireg.contents import Kind
from ocireg.oci.digest import Digest
from tests.registry.images import Images
from tests.web.v2 import push

pytestmark = pytest.mark.clients
NAMES = ("a", "b", "größe", "sp ace", "lib.so.1", "c", "d.wh", "back\\slash")


def umoci(*arguments: str | Path) -> None:
    """Run it."""
    done = subprocess.run(["umoci", *arguments], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def change(root: Path, chance: random.Random) -> None:
    """Change a tree at random: new files, links and directories, removals, files for directories and back."""
    for _ in range(60):
        path = root.joinpath(*(chance.choice(NAMES) for _ in range(min(chance.randint(1, 12), 4))))
        if any(one.is_symlink() or one.is_file() for one in path.parents if one != root and root in one.parents):
            continue
        if path.is_symlink() or path.is_file():
            path.unlink()
        elif path.is_dir():
            shutil.rmtree(path)
        path.parent.mkdir(parents=True, exist_ok=True)
        kind = chance.choice(["file", "directory", "symlink", "hardlink", "nothing"])
        others = [one for one in root.rglob("*") if one.is_file() and not one.is_symlink()]
        if kind == "file":
            path.write_bytes(chance.randbytes(chance.randint(0, 2000)))
        elif kind == "directory":
            path.mkdir()
        elif kind == "symlink":
            path.symlink_to(chance.choice(["/etc/passwd", "a", "../../b"]))
        elif kind == "hardlink" and others:
            path.hardlink_to(chance.choice(others))


def tree(root: Path) -> Iterator[tuple[str, str]]:
    """Yield the paths of a tree, and what they are."""
    for folder, folders, files in os.walk(root):
        for name in [*folders, *files]:
            path = Path(folder) / name
            kind = "symlink" if path.is_symlink() else "directory" if path.is_dir() else "file"
            yield str(path.relative_to(root)), kind


@pytest.mark.parametrize("seed", range(3))
def test_an_image_shows_what_umoci_unpacks_of_it(tmp_path: Path, seed: int) -> None:
    layout, bundle = tmp_path / "layout", tmp_path / "bundle"
    umoci("init", "--layout", layout)
    umoci("new", "--image", f"{layout}:x")
    chance = random.Random(seed)
    for number in range(4):
        where = tmp_path / f"bundle-{number}"
        umoci("unpack", "--rootless", "--image", f"{layout}:x", where)
        change(where / "rootfs", chance)
        umoci("repack", "--image", f"{layout}:x", where)
    umoci("unpack", "--rootless", "--image", f"{layout}:x", bundle)
    images = Images(tmp_path / "registry")
    digest = pushed(images, layout)
    state = images.listed(digest)
    assert state.state == "ready"
    assert len(state.layers) == 4
    same = {Kind.HARDLINK: "file"}
    found = sorted((path.replace("\\\\", "\\"), same.get(kind, kind.value)) for path, kind in images.walk(digest))
    assert found == sorted(tree(bundle / "rootfs"))
    assert len(found) > 10
    images.close()


def pushed(images: Images, layout: Path) -> Digest:
    """Push the image of a layout."""
    index = json.loads((layout / "index.json").read_text())
    (described,) = index["manifests"]
    raw = content(layout, described["digest"])
    manifest = json.loads(raw)
    for one in [manifest["config"], *manifest["layers"]]:
        push.blob(images.client, "a/b", content(layout, one["digest"]))
    answer = images.client.put("/v2/a/b/manifests/x", data=raw, content_type=described["mediaType"])
    return Digest.parse(answer.headers["Docker-Content-Digest"])


def content(layout: Path, digest: str) -> bytes:
    """Return a blob of a layout."""
    return layout.joinpath("blobs", *digest.split(":")).read_bytes()
