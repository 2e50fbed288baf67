"""What the page of a package shows: its configuration, layers, children and checksums."""

from collections.abc import Sequence
from typing import Any

from marshmallow import fields as base

from ocireg.metadata.window import Window
from ocireg.oci.digest import Digest
from ocireg.registry.versions import Child, Layer, Part, Step, Version
from ocireg.web.api import fields
from ocireg.web.api.fields import Strict
from ocireg.web.api.nouns import A_REGISTRY, Noun
from ocireg.web.api.packages import READ, find
from ocireg.web.api.pages import PageQuery, page
from ocireg.web.asked import Asked

noun = Noun(
    "Package details",
    "What a package says of itself, what it is made of, and its checksums. Texts of configs are without what cannot be "
    "shown; annotations are as they were pushed. All of it is the word of whoever pushed it.",
)

ONE = f"{A_REGISTRY}/packages/<package>"
DIGEST = "sha256:" + "0123456789abcdef" * 4


class Texts(base.Dict):
    """Texts by name."""

    def __init__(self) -> None:
        super().__init__(keys=base.String(), values=base.String())


class PlatformPart(Strict):
    """A platform, as somebody wrote it."""

    os = base.String(metadata={"example": "linux"})
    architecture = base.String(metadata={"example": "arm64"})
    variant = base.String()
    os_version = base.String()


class LinkPart(Strict):
    """A text that may be a link: ``url`` is null where it is none of http or https."""

    text = base.String()
    url = base.String(allow_none=True)


class About(Strict):
    """What annotations say, else the labels of the config; of a chart, the chart."""

    title = base.String()
    description = base.String()
    version = base.String()
    revision = base.String()
    homepage = base.Nested(LinkPart, allow_none=True)
    source = base.Nested(LinkPart, allow_none=True)
    documentation = base.Nested(LinkPart, allow_none=True)
    licences = base.String()
    vendor = base.String()
    authors = base.String()
    created_at = fields.time(attribute="created", allow_none=True)
    base_name = base.String()
    base_digest = base.String()


class HealthcheckPart(Strict):
    """How it is seen whether a container is well; durations in seconds."""

    test = base.List(base.String())
    interval = base.Float(allow_none=True)
    timeout = base.Float(allow_none=True)
    start_period = base.Float(allow_none=True)
    retries = base.Integer(allow_none=True)


class ImagePart(Strict):
    """The config of an image. Null is what is not said, where that is another thing than empty."""

    platform = base.Nested(PlatformPart, allow_none=True)
    created_at = fields.time(attribute="created", allow_none=True)
    author = base.String()
    user = base.String()
    exposed_ports = base.List(base.String(), attribute="ports", metadata={"example": ["8080/tcp"]})
    env = base.List(base.String(), metadata={"example": ["PATH=/usr/bin"]})
    entrypoint = base.List(base.String(), allow_none=True)
    cmd = base.List(base.String(), allow_none=True)
    working_dir = base.String()
    volumes = base.List(base.String())
    labels = Texts()
    stop_signal = base.String()
    healthcheck = base.Nested(HealthcheckPart, allow_none=True)


class ChartPart(Strict):
    """A Helm chart."""

    name = base.String()
    version = base.String()
    description = base.String()
    app_version = base.String()
    type = base.String()
    home = base.Nested(LinkPart, allow_none=True)
    sources = base.List(base.Nested(LinkPart))
    keywords = base.List(base.String())
    maintainers = base.List(base.String())
    deprecated = base.Boolean()


class Configuration(Strict):
    """What a package says of itself: ``image`` of an image, ``chart`` of a chart. Texts are cut where they are long."""

    kind = base.String(metadata={"example": "image", "description": "image, index, chart or artifact."})
    subject = base.String(allow_none=True, metadata={"description": "The digest of what it tells of."})
    about = base.Nested(About)
    image = base.Nested(ImagePart, allow_none=True)
    problem = base.String(metadata={"description": "Why the config cannot be shown; empty where it can."})
    chart = base.Nested(ChartPart, allow_none=True)


class Blob(Strict):
    """A blob that a package names."""

    kind = base.String(metadata={"example": "layer", "description": "config, layer, or foreign, kept elsewhere."})
    digest = base.String(metadata={"example": DIGEST})
    media_type = base.String()
    artifact_type = base.String(allow_none=True)
    size = base.Integer()
    present = base.Boolean(metadata={"description": "Whether it can be pulled from here."})
    title = base.String(metadata={"description": "The name of a file."})
    annotations = Texts()


class LayerPart(Blob):
    """A layer, from 0, the lowest."""

    position = base.Integer()
    share = base.Float(metadata={"description": "Of the size of all layers, from 0 to 1."})


class HistoryPart(Strict):
    """A step of how an image was made."""

    created_at = fields.time(attribute="created", allow_none=True)
    created_by = base.String()
    comment = base.String()
    author = base.String()
    empty_layer = base.Boolean()


class StepPart(Strict):
    """What was done, and the layer that this made; one of them may be null."""

    history = base.Nested(HistoryPart, allow_none=True)
    layer = base.Nested(LayerPart, allow_none=True)


class Layers(Strict):
    """Of an image its steps, the first first; of others the blobs. There are 1,000 of each at most."""

    size = base.Integer(metadata={"description": "Bytes of all layers."})
    count = base.Integer(metadata={"description": "How many layers there are."})
    misfit = base.String(metadata={"description": "Why the history is not beside the layers; empty where it is."})
    cut = base.Boolean(metadata={"description": "Whether there are more."})
    steps = base.List(base.Nested(StepPart))
    blobs = base.List(base.Nested(Blob))


class ChildPart(Strict):
    """A manifest that an index names."""

    position = base.Integer()
    digest = base.String(metadata={"example": DIGEST})
    media_type = base.String()
    artifact_type = base.String(allow_none=True)
    size = base.Integer(metadata={"description": "Bytes of the manifest."})
    platform = base.Nested(PlatformPart, allow_none=True)
    present = base.Boolean(metadata={"description": "Whether it is a manifest of this repository."})
    attestation_of = base.String(
        attribute="about", metadata={"description": "The digest of the child that it tells of; empty of an image."}
    )
    annotations = Texts()


class ManifestChecksums(Strict):
    """Of the bytes of the manifest, in hexadecimal."""

    md5 = base.String()
    sha1 = base.String()
    sha256 = base.String()
    sha512 = base.String()


class BlobDigest(Strict):
    """A blob, and the digest that it is known by."""

    kind = base.String(metadata={"example": "layer"})
    digest = base.String(metadata={"example": DIGEST})
    media_type = base.String()
    size = base.Integer()
    title = base.String()


class Checksums(Strict):
    """Of the manifest, and the digests of its blobs."""

    manifest = base.Nested(ManifestChecksums)
    blobs = base.List(base.Nested(BlobDigest))


@noun.operation("GET", f"{ONE}/configuration", READ, answer=Configuration)
def show_configuration(asked: Asked, package: str) -> dict[str, Any]:
    """Show what a package says of itself, and how an image is run."""
    found = version_of(asked, package)
    image = found.image
    return {
        "kind": str(found.kind),
        "subject": found.subject,
        "about": found.about,
        "image": image.config if image and not image.problem else None,
        "problem": image.problem if image else "",
        "chart": found.chart,
    }


@noun.operation("GET", f"{ONE}/layers", READ, answer=Layers)
def show_layers(asked: Asked, package: str) -> dict[str, Any]:
    """Show the layers of an image and what made them, or the blobs of something else."""
    found = version_of(asked, package)
    image = found.image
    layers = [one for one in found.parts if one.kind != "config"]
    return {
        "size": image.layers_size if image else sum(one.size for one in layers),
        "count": image.layers if image else found.part_count - len(found.parts) + len(layers),
        "misfit": image.misfit if image else "",
        "cut": image.cut if image else found.part_count > len(found.parts),
        "steps": [_step(one) for one in image.steps] if image else [],
        "blobs": [] if image else list(found.parts),
    }


@noun.operation("GET", f"{ONE}/children", READ, query=PageQuery, answer=ChildPart(many=True))
def list_children(asked: Asked, query: dict[str, Any], package: str) -> Any:
    """List what an index names, in its order: images for platforms, and attestations of them. Others name none."""
    stored = find(asked, package)
    digest = Digest.parse(stored.digest)

    def some(window: Window) -> Sequence[Child]:
        first, limit = _places(window)
        return asked.context.registry.versions.children(stored.repository, digest, first, limit)

    return page(query, some, lambda one: str(one.position), _position)


@noun.operation("GET", f"{ONE}/checksums", READ, answer=Checksums)
def show_checksums(asked: Asked, package: str) -> dict[str, Any]:
    """Show checksums of the manifest by the usual algorithms, and the digest of each blob (the first 1,000)."""
    found = version_of(asked, package)
    return {"manifest": asked.context.registry.versions.checksums(found), "blobs": list(found.parts)}


def version_of(asked: Asked, package: str) -> Version:
    """Return a package as a person sees it. 404."""
    stored = find(asked, package)
    return asked.context.registry.versions.show(stored.repository, Digest.parse(stored.digest))


def _places(window: Window) -> tuple[int, int]:
    """Return the first place of a window, and how many there are at most."""
    first = 0 if window.after is None else window.after + 1
    if window.before is None:
        return first, window.limit
    if window.after is None:
        first = max(window.before - window.limit, 0)
    return first, max(min(window.limit, window.before - first), 0)


def _position(cursor: str) -> int:
    return int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 10 else 10**9


def _step(one: Step) -> dict[str, Any]:
    return {"history": one.history, "layer": _layer(one.layer) if one.layer else None}


def _layer(one: Layer) -> dict[str, Any]:
    own = {name: getattr(one.part, name) for name in Part.__slots__}
    return {**own, "position": one.position, "share": one.share}
