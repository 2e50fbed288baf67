"""What somebody types to pull a version, by client. All parts are of grammars that no shell minds."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from ocireg.registry.versions import Kind, Version

_CHART_VERSION = re.compile(r"v?[0-9]+(?:\.[0-9]+){0,2}(?:[-_][A-Za-z0-9._-]+)?")
"""What helm takes as a version (semver.org; a tag has ``_`` for the ``+`` that it cannot have)."""

_PLATFORM = re.compile(r"[a-z0-9_.-]+/[a-z0-9_.-]+(?:/[a-z0-9_.-]+)?")


@dataclass(frozen=True, slots=True)
class Command:
    """A command of a client: ``by`` is the tag or the digest; ``first``: that of the client that is usual."""

    client: str
    by: str
    text: str
    first: bool = False


@dataclass(frozen=True, slots=True)
class Name:
    """What a version is called in commands. ``https``: the host speaks it.

    ``tag`` is "" where it has none. ``platform`` is the one for which an index under that tag leads to it.
    """

    kind: Kind
    path: str
    tag: str
    digest: str
    https: bool
    platform: str = ""

    @property
    def tagged(self) -> str:
        """By the tag."""
        return f"{self.path}:{self.tag}" if self.tag else ""

    @property
    def pinned(self) -> str:
        """By the digest, which nothing moves."""
        return f"{self.path}@{self.digest}"


def name_of(version: Version, host: str, tag: str, *, https: bool, platform: str = "") -> Name:
    """Return what a version is called; a platform that no client would take is none, and the tag leads nowhere."""
    fit = not platform or _PLATFORM.fullmatch(platform)
    return Name(version.kind, f"{host}/{version.repository}", tag if fit else "", version.digest, https, platform)


def pulls(name: Name) -> list[Command]:
    """Return the commands that pull it, the usual client's first; of each by tag, if it has one, and by digest."""
    found: list[Command] = []
    for by, reference in (("tag", name.tagged), ("digest", name.pinned)):
        if reference:
            of_kind = enumerate(_of_kind(name, by, reference))
            found += [Command(client, by, text, first=not place) for place, (client, text) in of_kind]
    return found


def _of_kind(name: Name, by: str, reference: str) -> Iterator[tuple[str, str]]:
    """Yield clients, and what they are told."""
    if name.kind in {Kind.IMAGE, Kind.INDEX}:
        yield from _of_image(name, reference, name.platform if by == "tag" else "")
        return
    if name.kind is Kind.CHART and by == "tag" and _CHART_VERSION.fullmatch(name.tag):
        flag = "" if name.https else " --plain-http"
        yield "helm", f"helm pull oci://{name.path} --version {name.tag.replace('_', '+')}{flag}"
    yield "oras", f"oras pull {'' if name.https else '--plain-http '}{reference}"
    yield "crane", f"crane {'' if name.https else '--insecure '}manifest {reference}"


def _of_image(name: Name, reference: str, platform: str) -> Iterator[tuple[str, str]]:
    last = name.path.rpartition("/")[2]
    option = f"--platform {platform} " if platform else ""
    os, _, rest = platform.partition("/")
    architecture, _, variant = rest.partition("/")
    override = f"--override-os {os} --override-arch {architecture} " if platform else ""
    override += f"--override-variant {variant} " if variant else ""
    insecure = "" if name.https else "--src-tls-verify=false "
    yield "docker", f"docker pull {option}{reference}"
    yield "podman", f"podman pull {option}{'' if name.https else '--tls-verify=false '}{reference}"
    yield "skopeo", f"skopeo {override}copy {insecure}docker://{reference} oci:{last}"
    yield "crane", f"crane pull {option}{'' if name.https else '--insecure '}{reference} {last}.tar"


def from_line(name: Name) -> str:
    """Return the line of a Dockerfile that builds on it."""
    option = f"--platform={name.platform} " if name.tag and name.platform else ""
    return f"FROM {option}{name.tagged or name.pinned}"


def kubernetes_line(name: Name) -> str:
    """Return the line of a container: by the digest, and for people the tag too, where it is its own."""
    own = name.tagged if name.tag and not name.platform else name.path
    return f"image: {own}@{name.digest}"


def installs(name: Name) -> list[str]:
    """Return the command that installs a chart, if it can be named by its tag."""
    last = name.path.rpartition("/")[2]
    found = [one.text for one in pulls(name) if one.client == "helm"]
    return [one.replace("helm pull ", f"helm install {last} ") for one in found]


def logins(name: Name, secret: str) -> list[tuple[str, str]]:
    """Return clients, and how each logs in with a secret."""
    words, https = f"{name.path.partition('/')[0]} -u token -p {secret}", name.https
    images = [
        ("docker", f"docker login {words}"),
        ("podman", f"podman login {'' if https else '--tls-verify=false '}{words}"),
    ]
    charts = [("helm", f"helm registry login {'' if https else '--plain-http '}{words}")]
    others = [("oras", f"oras login {'' if https else '--plain-http '}{words}")]
    return {Kind.CHART: charts + others, Kind.ARTIFACT: others + images}.get(name.kind, images + others)
