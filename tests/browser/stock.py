"""One of everything that a page can show, and where it is pushed."""

import json
from collections.abc import Sequence

from tests.browser import hostile
from tests.browser.artifacts import CHART as CHART_TYPE
from tests.browser.artifacts import (
    CHART_CONFIG,
    SIGNATURE,
    SPDX,
    Artifact,
    Layer,
    artifact,
    attached,
    chart,
    image,
    index,
    layer,
)

API, WORKER, BASE, TOOL, MANY = (
    "acme/containers/web/api",
    "acme/containers/worker",
    "acme/containers/base",
    "acme/public/tool",
    "acme/public/many",
)
BROKEN, WAITING = "acme/containers/broken", "acme/containers/waiting"
"""An image with a layer that is no archive; and one whose layers are being listed for as long as anybody looks."""
CHART, HOSTILE = "acme/charts/web", "acme/hostile/app"
PLATFORMS = {"linux/amd64": "amd64", "linux/arm64/v8": "arm64", "linux/arm/v7": "arm"}
LINKS = ("url", "source", "documentation", "licenses", "base.name", "title")
"""Annotations of which pages make links, or that they show at a place of their own."""


def everything() -> list[tuple[str, str, Artifact]]:
    """Return what is pushed where, and under which tag; "" for none."""
    base = [layer("/bin/sh -c #(nop) ADD file:debian in /", _system())]
    labels = {"org.opencontainers.image.description": "Answers requests", "team": "web"}
    api = {name: _api(base, name, labels) for name in PLATFORMS}
    release = index(api, {"org.opencontainers.image.source": "https://git.example/acme/web"})
    worker = image([*base, layer("COPY worker /app", {"app/": b"", "app/worker": b"#!/bin/sh\n" * 900})], User="1000")
    tool = image([layer("COPY tool /", {"tool": b"\x7fELF" * 5000})], Entrypoint=["/tool"])
    broken = image([*base, Layer(b"This is no archive.", "COPY what.tar /")])
    waiting = image([layer("COPY data /", {"data": b"0123456789abcdef" * 9000})])
    attacked = index({"linux/amd64": _hostile()}, hostile.TEXTS)
    sbom = json.dumps({"spdxVersion": "SPDX-2.3", "name": "api"}).encode()
    return [
        (BASE, "12", image(base, Cmd=["/bin/sh"])),
        (API, "withdrawn", api["linux/amd64"]),
        (API, "latest", api["linux/amd64"]),
        (API, "1.0", release),
        (API, "latest", release),
        (API, "", attached(release, SIGNATURE, b'{"critical": {}}')),
        (API, "", attached(release, SPDX, sbom, **{"org.opencontainers.image.title": "api.spdx.json"})),
        (WORKER, "1.0", worker),
        (BASE, "12", image([layer("/bin/sh -c #(nop) ADD file:newer in /", _system() | {"etc/issue": b"12\n"})])),
        (BROKEN, "1.0", broken),
        (WAITING, "1.0", waiting),
        (TOOL, "1.0", tool),
        ("hello", "latest", tool),
        (CHART, "1.2.3", chart("web", "1.2.3")),
        *((MANY, f"1.{number}", tool) for number in range(120)),
        (HOSTILE, hostile.TAG, _hostile()),
        (HOSTILE, "1.0", attacked),
        (HOSTILE, "", attached(attacked, SIGNATURE, b"{}", **hostile.TEXTS)),
        (HOSTILE, "chart", _hostile_chart()),
    ]


def parts() -> dict[str, str]:
    """Return digests of what has no tag: of the image of a platform, and of a bill of materials."""
    found = everything()
    release = next(one for where, tag, one in found if (where, tag) == (API, "1.0"))
    sbom = next(one for where, tag, one in found if (where, tag) == (API, "") and SPDX.encode() in one.manifest)
    images = zip(PLATFORMS, release.children, strict=True)
    return {f"{API}:spdx": sbom.digest} | {f"{API}:{platform}": one.digest for platform, one in images}


def _api(base: Sequence[Layer], platform: str, labels: dict[str, str]) -> Artifact:
    own = {"app/": b"", "app/api.py": b"print('hello')\n" * 400, "app/platform": platform.encode()}
    gone = {"etc/.wh.motd": b"", "app/static/": b"", "app/static/.wh..wh..opq": b"", "app/static/new.css": b"a{}"}
    return image(
        [*base, layer("RUN pip install flask", own), layer("COPY . /app", gone)],
        architecture=PLATFORMS[platform],
        annotations={"org.opencontainers.image.version": "1.0"},
        Entrypoint=["python3", "/app/api.py"],
        Env=["PATH=/usr/local/bin:/usr/bin:/bin", "PYTHONUNBUFFERED=1"],
        ExposedPorts={"8080/tcp": {}},
        Labels=labels,
        User="app",
        WorkingDir="/app",
    )


def _system() -> dict[str, bytes]:
    release = b'ID=debian\nNAME="Debian GNU/Linux"\nVERSION_ID="12"\nPRETTY_NAME="Debian GNU/Linux 12 (bookworm)"\n'
    return {"bin/": b"", "bin/sh": b"\x7fELF" * 30_000, "etc/os-release": release, "etc/motd": b"Welcome\n"}


def _hostile_chart() -> Artifact:
    words = ("name", "version", "description", "appVersion", "home", "icon", "type", "condition")
    about: dict[str, object] = dict(zip(words, hostile.TEXTS.values(), strict=False))
    about |= {
        "sources": list(hostile.TEXTS.values()),
        "maintainers": [{"name": one, "email": one, "url": one} for one in hostile.TEXTS.values()],
    }
    return artifact([(b"no archive", CHART_TYPE)], config=(json.dumps(about).encode(), CHART_CONFIG))


def _hostile() -> Artifact:
    files = {path: hostile.SCRIPT.encode() for path in hostile.PATHS}
    return image(
        [layer(text, files | {name: b""}) for name, text in hostile.TEXTS.items()],
        annotations=hostile.TEXTS | {f"org.opencontainers.image.{name}": hostile.TEXTS["link"] for name in LINKS},
        Labels=hostile.TEXTS | {"org.opencontainers.image.description": hostile.ONE_LINE},
        Env=[f"{number}={text}" for number, text in enumerate(hostile.TEXTS.values())],
        Entrypoint=list(hostile.TEXTS.values()),
        User=hostile.SCRIPT,
    )
