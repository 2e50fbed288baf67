"""What somebody types to pull a version, by client. All parts are of grammars that no shell minds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ocireg.registry.versions import Kind, Version

_CHART_VERSION = re.compile(r"v?[0-9]+(?:\.[0-9]+){0,2}(?:[-_][A-Za-z0-9._-]+)?")
"""What helm takes as a version (semver.org; a tag has ``_`` for the ``+`` that it cannot have)."""


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a client: ``by`` is the tag or the digest; ``first``: that of the client that is usual."""

    client: str
    by: str
    text: str
    first: bool = False


@dataclass(frozen=True, slots=True)
class Name:
    """What a version is called in commands; ``tagged`` is "" where it has no tag. ``https``: the host speaks it."""

    kind: Kind
    path: str
    tag: str
    digest: str
    https: bool

    @property
    def tagged(self) -> str:
        """By the tag."""
        return f"{self.path}:{self.tag}" if self.tag else ""

    @property
    def pinned(self) -> str:
        """By the digest, which nothing moves."""
        return f"{self.path}@{self.digest}"


def name_of(version: Version, host: str, tag: str, *, https: bool) -> Name:
    """Return what a version is called."""
    return Name(version.kind, f"{host}/{version.repository}", tag, version.digest, https)


def pulls(version: Version, host: str, tag: str, *, https: bool) -> list[Command]:
    """Return the commands that pull it, the usual client's first; of each by tag, if it has one, and by digest."""
    name = name_of(version, host, tag, https=https)
    found: list[Command] = []
    for by, reference in (("tag", name.tagged), ("digest", name.pinned)):
        if reference:
            of_kind = enumerate(_of_kind(name, by, reference))
            found += [Command(client, by, text, first=not place) for place, (client, text) in of_kind]
    return found


def _of_kind(name: Name, by: str, reference: str) -> Iterator[tuple[str, str]]:
    """Yield clients, and what they are told."""
    if name.kind in {Kind.IMAGE, Kind.INDEX}:
        yield from _of_image(name, reference)
        return
    if name.kind is Kind.CHART and by == "tag" and _CHART_VERSION.fullmatch(name.tag):
        flag = "" if name.https else " --plain-http"
        yield "helm", f"helm pull oci://{name.path} --version {name.tag.replace('_', '+')}{flag}"
    yield "oras", f"oras pull {'' if name.https else '--plain-http '}{reference}"
    yield "crane", f"crane {'' if name.https else '--insecure '}manifest {reference}"


def _of_image(name: Name, reference: str) -> Iterator[tuple[str, str]]:
    last = name.path.rpartition("/")[2]
    yield "docker", f"docker pull {reference}"
    yield "podman", f"podman pull {'' if name.https else '--tls-verify=false '}{reference}"
    yield "skopeo", f"skopeo copy {'' if name.https else '--src-tls-verify=false '}docker://{reference} oci:{last}"
    yield "crane", f"crane pull {'' if name.https else '--insecure '}{reference} {last}.tar"


def installs(version: Version, host: str, tag: str, *, https: bool) -> list[str]:
    """Return the command that installs a chart, if it can be named by its tag."""
    found = [one.text for one in pulls(version, host, tag, https=https) if one.client == "helm"]
    last = version.repository.rpartition("/")[2]
    return [one.replace("helm pull ", f"helm install {last} ") for one in found]


def logins(version: Version, host: str, secret: str, *, https: bool) -> list[tuple[str, str]]:
    """Return clients, and how each logs in with a secret."""
    words = f"{host} -u token -p {secret}"
    images = [
        ("docker", f"docker login {words}"),
        ("podman", f"podman login {'' if https else '--tls-verify=false '}{words}"),
    ]
    charts = [("helm", f"helm registry login {'' if https else '--plain-http '}{words}")]
    others = [("oras", f"oras login {'' if https else '--plain-http '}{words}")]
    return {Kind.CHART: charts + others, Kind.ARTIFACT: others + images}.get(version.kind, images + others)
