"""Every client by the same verbs, each in the client's own words.

In a command ``{image}`` is ``HOST/REPOSITORY:TAG``, ``{repository}`` the same without the tag, ``{parent}`` without its
last part too, ``{layout}`` an OCI layout, ``{folder}`` a folder to work in.
"""

import re
import shlex
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.clients.conftest import Run

TAG = "0.1.0"
REFUSED = re.compile(
    r"\b40[13]\b|unauthorized|denied|authori[sz]ation|insufficient.scope|invalid username/password", re.IGNORECASE
)
"""What clients say when the registry refuses: not a failure of another kind."""


@dataclass(frozen=True, slots=True)
class Client:
    """A client's commands. ``load`` comes before ``push``, and reaches no registry. What it cannot do is empty.

    ``believes``: its login asks nobody, and keeps whatever it is given. ``needs``: a fixture that is its daemon.
    """

    name: str
    login: str
    push: str
    pull: str
    load: tuple[str, ...] = ()
    prepare: tuple[str, ...] = ()
    delete: str = ""
    copy: tuple[str, ...] = ()
    believes: bool = False
    needs: str = ""


_STORED = ("skopeo copy -q oci:{layout}:image containers-storage:{image}",)
_ARCHIVED = ("rm -f {folder}/image.tar", "skopeo copy -q oci:{layout}:image docker-archive:{folder}/image.tar:{image}")
CLIENTS = (
    Client(
        "docker",
        login="docker {daemon} login -u {name} -p {secret} {address}",
        load=(*_ARCHIVED, "docker {daemon} load -i {folder}/image.tar"),
        push="docker {daemon} push {image}",
        pull="docker {daemon} pull {image}",
        copy=("docker {daemon} tag {image} {other}", "docker {daemon} push {other}"),
        needs="engine",
    ),
    Client(
        "podman",
        login="podman login --tls-verify=false -u {name} -p {secret} {address}",
        load=_STORED,
        push="podman push -q --tls-verify=false {image}",
        pull="podman pull -q --tls-verify=false {image}",
    ),
    Client(
        "buildah",
        login="buildah login --tls-verify=false -u {name} -p {secret} {address}",
        load=_STORED,
        push="buildah push -q --tls-verify=false {image}",
        pull="buildah pull -q --policy always --tls-verify=false {image}",
    ),
    Client(
        "skopeo",
        login="skopeo login --tls-verify=false -u {name} -p {secret} {address}",
        push="skopeo copy --dest-tls-verify=false oci:{layout}:image docker://{image}",
        pull="skopeo copy --src-tls-verify=false docker://{image} oci:{folder}/back:v1",
        delete="skopeo delete --tls-verify=false docker://{image}",
        copy=("skopeo copy --src-tls-verify=false --dest-tls-verify=false docker://{image} docker://{other}",),
    ),
    Client(
        "ctr",
        login="",
        load=(*_ARCHIVED, "ctr {daemon} images import {folder}/image.tar"),
        push="ctr {daemon} images push --plain-http {shown} {image}",
        pull="ctr {daemon} images pull --plain-http {shown} {image}",
        needs="ctr",
    ),
    Client(
        "crane",
        login="crane auth login -u {name} -p {secret} {address}",
        push="crane push --insecure --index {layout} {image}",
        pull="crane pull --insecure --format=oci {image} {folder}/back",
        delete="crane delete --insecure {image}",
        copy=("crane copy --insecure {image} {other}",),
        believes=True,
    ),
    Client(
        "regctl",
        prepare=("regctl registry set --tls disabled {address}",),
        login="regctl registry login -u {name} -p {secret} {address}",
        push="regctl image copy ocidir://{layout}:image {image}",
        pull="regctl image copy {image} ocidir://{folder}/back:v1",
        delete="regctl tag rm {image}",
        copy=("regctl image copy {image} {other}",),
    ),
    Client(
        "oras",
        login="oras login --plain-http -u {name} -p {secret} {address}",
        push="oras cp --from-oci-layout --to-plain-http {layout}:image {image}",
        pull="oras cp --from-plain-http --to-oci-layout {image} {folder}/back:v1",
        delete="oras manifest delete --plain-http --force {image}",
        copy=("oras cp --from-plain-http --to-plain-http {image} {other}",),
    ),
    Client(
        "helm",
        prepare=("helm create app", "cp -r {layout}/blobs app/blobs", "helm package app"),
        login="helm registry login --plain-http -u {name} -p {secret} {address}",
        push="helm push --plain-http app-0.1.0.tgz oci://{parent}",
        pull="helm pull --plain-http oci://{repository} --version 0.1.0 -d {folder}",
    ),
)  # fmt: skip


Outcome = subprocess.CompletedProcess[str]


@dataclass
class Party:
    """Somebody with a client, at a registry. What each verb returns is how its last command ended."""

    client: Client
    run: Run
    address: str
    layout: Path
    daemon: str = ""
    shown: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Do what comes before all else."""
        for command in self.client.prepare:
            works(self._ended(command))

    def logged_in(self, name: str, secret: str) -> "Party":
        """Log in, which must work; return itself."""
        if done := self.login(name, secret):
            works(done)
        return self

    def login(self, name: str, secret: str) -> Outcome | None:
        """Log in. None: the client asks nobody, and shows name and secret when it needs to."""
        if not self.client.login:
            self.shown = f"--user {name}:{secret}"
            return None
        done = self._ended(self.client.login, name=name, secret=secret)
        if not self.client.believes:
            return done
        works(done)
        return None

    def load(self, repository: str) -> None:
        """Make ready what is to be pushed there."""
        if self.client.load:
            works(self._all(*self.client.load, repository=repository))

    def push(self, repository: str) -> Outcome:
        """Push what is ready to a repository."""
        return self._all(self.client.push, repository=repository)

    def load_and_push(self, repository: str) -> Outcome:
        """Push to a repository."""
        self.load(repository)
        return self.push(repository)

    def pull(self, repository: str) -> Outcome:
        """Pull from a repository."""
        return self._all(self.client.pull, repository=repository)

    def delete(self, repository: str) -> Outcome:
        """Delete the tag, or what it points at."""
        return self._all(self.client.delete, repository=repository)

    def copy(self, repository: str, other: str) -> Outcome:
        """Copy within the registry."""
        return self._all(*self.client.copy, repository=repository, other=f"{self.address}/{other}:{TAG}")

    def _all(self, *commands: str, repository: str, **values: str) -> Outcome:
        named = f"{self.address}/{repository}"
        values |= {"image": f"{named}:{TAG}", "repository": named, "parent": named.rpartition("/")[0]}
        done = [self._ended(command, **values) for command in commands]
        for one in done[:-1]:
            works(one)
        return done[-1]

    def _ended(self, command: str, **values: str) -> Outcome:
        folder = Path(tempfile.mkdtemp(dir=self.run.folder)) if "{folder}/back" in command else self.run.folder
        values |= {"daemon": self.daemon, "shown": self.shown, "address": self.address, "layout": str(self.layout)}
        return self.run.ended(*shlex.split(command.format(folder=folder, **values)))


def daemon_of(client: Client, request: pytest.FixtureRequest) -> str:
    """Start the daemon that a client needs, if any; return how the client is told of it."""
    if not client.needs:
        return ""
    found = request.getfixturevalue(client.needs)
    return f"-H {found}" if isinstance(found, str) else shlex.join(found[1:])


def works(done: Outcome) -> str:
    """Fail unless it worked; return what was printed."""
    assert done.returncode == 0, f"{done.args}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def is_refused(done: Outcome) -> None:
    """Fail unless the registry refused it."""
    said = done.stdout + done.stderr
    assert done.returncode != 0, f"{done.args}\n{said}"
    assert REFUSED.search(said), f"{done.args}\n{said}"
