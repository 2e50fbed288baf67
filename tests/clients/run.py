"""Runs the clients, where they are installed."""

import base64
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest
import requests

from tests.clients.accounts import ADMIN

DEBIAN = {"ctr": "containerd", "dockerd": "docker.io", "containerd": "containerd"}
GO = {
    "crane": "github.com/google/go-containerregistry/cmd/crane",
    "regctl": "github.com/regclient/regclient/cmd/regctl",
    "oras": "oras.land/oras/cmd/oras",
    "cosign": "github.com/sigstore/cosign/v2/cmd/cosign",
    "helm": "helm.sh/helm/v3/cmd/helm",
}


def require(name: str) -> str:
    """Return the path of a program; without it, skip, and say how to install it. In CI it must be there."""
    found = shutil.which(name)
    if found:
        return found
    how = f"go install {GO[name]}@latest" if name in GO else f"apt-get install {DEBIAN.get(name, name)}"
    if os.environ.get("CI"):
        pytest.fail(f"{name} is not installed: {how}")
    pytest.skip(f"{name} is not installed: {how}")


class Run:
    """Runs clients, with a home and a configuration of their own below a folder; a call returns what was printed."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.home = folder / "home"
        self.home.mkdir(parents=True)
        (self.home / "storage.conf").write_text(
            f'[storage]\ndriver = "vfs"\ngraphroot = "{folder}/graph"\nrunroot = "{folder}/run"\n'
        )
        (self.home / "policy.json").write_text('{"default": [{"type": "insecureAcceptAnything"}]}')
        self.environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(self.home),
            "TMPDIR": str(folder),
            "XDG_RUNTIME_DIR": str(self.home),
            "CONTAINERS_STORAGE_CONF": str(self.home / "storage.conf"),
            "BUILDAH_ISOLATION": "chroot",
            "COSIGN_PASSWORD": "",
        }

    def __call__(self, *command: object, fails: bool = False, cwd: Path | None = None, stdin: str = "") -> str:
        """Run a program to its end; fail unless it succeeds, or ``fails``."""
        done = self.ended(*command, cwd=cwd, stdin=stdin)
        assert (done.returncode != 0) == fails, f"{command}: {done.returncode}\n{done.stdout}\n{done.stderr}"
        return done.stdout

    def ended(self, *command: object, cwd: Path | None = None, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a program to its end, however it ends."""
        return subprocess.run(
            [require(str(command[0])), *map(str, command[1:])],
            env=self.environ,
            cwd=cwd or self.folder,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )

    def know(self, address: str, name: str, secret: str) -> None:
        """Let all clients be logged in at a registry: they read this file, or fall back to it."""
        path = self.home / ".docker" / "config.json"
        path.parent.mkdir(exist_ok=True)
        known = json.loads(path.read_text())["auths"] if path.exists() else {}
        known[address] = {"auth": base64.b64encode(f"{name}:{secret}".encode()).decode()}
        path.write_text(json.dumps({"auths": known}))


def digest_of(address: str, repository: str, reference: str) -> str:
    """Return the digest that the registry gives for a reference, to its administrator."""
    accept = "application/vnd.oci.image.index.v1+json"
    answer = requests.get(
        f"http://{address}/v2/{repository}/manifests/{reference}",
        headers={"Accept": accept},
        auth=("admin", ADMIN),
        timeout=30,
    )
    assert answer.status_code == 200, answer.text
    return answer.headers["Docker-Content-Digest"]
