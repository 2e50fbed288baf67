"""Images of real file systems, made here as OCI layouts (OCI image v1.1, image-layout.md): no network is needed."""

import gzip
import hashlib
import io
import json
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ocireg.oci.media_types import OCI_CONFIG, OCI_INDEX, OCI_MANIFEST

LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
MACHINES = {"amd64": "x86_64", "arm64": "aarch64"}


@dataclass(frozen=True)
class Layout:
    """An OCI layout on disk, with an image under a tag and an index of two platforms under another."""

    path: Path
    image: str
    index: str


def make(folder: Path, layers: int = 12, noise: bytes = b"") -> Layout:
    """Make a layout: tag ``image`` has ``layers`` layers, tag ``index`` an image for each of two platforms.

    ``noise`` makes up the first layer, in place of the shell: bytes that no compression makes fewer. Such images share
    no layer with others.
    """
    folder.mkdir(parents=True)
    (folder / "blobs" / "sha256").mkdir(parents=True)
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    amd, arm = (_image(folder, machine, layers, noise) for machine in MACHINES)
    listed = [{**amd, "platform": _platform("amd64")}, {**arm, "platform": _platform("arm64")}]
    index = _json(folder, {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": listed}, OCI_INDEX)
    tagged = [_tagged(amd, "image"), _tagged(index, "index")]
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": tagged}))
    return Layout(folder, amd["digest"], index["digest"])


def _tagged(descriptor: dict[str, Any], tag: str) -> dict[str, Any]:
    return {**descriptor, "annotations": {"org.opencontainers.image.ref.name": tag}}


def _platform(machine: str) -> dict[str, str]:
    return {"os": "linux", "architecture": machine}


def _image(folder: Path, machine: str, layers: int, noise: bytes) -> dict[str, Any]:
    made = [_layer(folder, machine, number, noise) for number in range(layers)]
    config = {
        "architecture": machine,
        "os": "linux",
        "config": {"Cmd": ["/bin/sh"], "Env": ["PATH=/bin"], "Labels": {"made.for": machine}},
        "rootfs": {"type": "layers", "diff_ids": [plain for _, plain in made]},
        "history": [{"created_by": f"layer {number}", "created": "2026-01-01T00:00:00Z"} for number in range(layers)],
        "created": "2026-01-01T00:00:00Z",
    }
    body = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": _json(folder, config, OCI_CONFIG),
        "layers": [descriptor for descriptor, _ in made],
    }
    return _json(folder, body, OCI_MANIFEST)


def _layer(folder: Path, machine: str, number: int, noise: bytes) -> tuple[dict[str, Any], str]:
    """Make one layer: the first holds a shell, where the machine has a static busybox; the others files."""
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        if number == 0 and noise:
            _add(tar, "noise", noise)
        elif number == 0:
            for name in ("bin", "etc", "tmp"):
                _add(tar, name, kind=tarfile.DIRTYPE, mode=0o755)
            busybox = Path(shutil.which("busybox") or "/nowhere")
            content = busybox.read_bytes() if busybox.exists() else b"#!/nothing\n" * 1000
            _add(tar, "bin/busybox", content, mode=0o755)
            _add(tar, "bin/sh", kind=tarfile.SYMTYPE, link="busybox")
            _add(tar, "etc/os-release", f"ID=test\nPRETTY_NAME=Test for {machine}\n".encode())
        if number or not noise:
            seed = hashlib.sha256(f"{machine} {number}".encode() + noise).digest()
            _add(tar, f"layer-{number}", kind=tarfile.DIRTYPE, mode=0o755)
            _add(tar, f"layer-{number}/data", seed * 2000)
            _add(tar, f"layer-{number}/hard", kind=tarfile.LNKTYPE, link=f"layer-{number}/data")
    plain = raw.getvalue()
    packed = gzip.compress(plain, mtime=0)
    return _blob(folder, packed, LAYER), "sha256:" + hashlib.sha256(plain).hexdigest()


def _add(
    tar: tarfile.TarFile,
    name: str,
    content: bytes = b"",
    *,
    kind: bytes = tarfile.REGTYPE,
    mode: int = 0o644,
    link: str = "",
) -> None:
    info = tarfile.TarInfo(name)
    info.type, info.mode, info.linkname, info.size = kind, mode, link, len(content)
    tar.addfile(info, io.BytesIO(content))


def _json(folder: Path, value: object, media_type: str) -> dict[str, Any]:
    return _blob(folder, json.dumps(value).encode(), media_type)


def _blob(folder: Path, content: bytes, media_type: str) -> dict[str, Any]:
    encoded = hashlib.sha256(content).hexdigest()
    (folder / "blobs" / "sha256" / encoded).write_bytes(content)
    return {"mediaType": media_type, "digest": f"sha256:{encoded}", "size": len(content)}


def digests(folder: Path) -> set[str]:
    """Return the digests of every blob in a layout, after checking that each is what its name says."""
    found = set()
    for path in (folder / "blobs" / "sha256").iterdir():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name
        found.add(path.name)
    return found


def tags(folder: Path) -> dict[str, str]:
    """Return what the tags of a layout point at."""
    listed = json.loads((folder / "index.json").read_text())["manifests"]
    return {one.get("annotations", {}).get("org.opencontainers.image.ref.name", ""): one["digest"] for one in listed}
