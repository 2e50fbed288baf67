"""A version: a manifest as a person sees it, and all around it. Sizes are bytes; times seconds since the epoch, UTC.

Texts that come from configs, charts and ``about`` are fit to be shown; annotations and media types are as they were
pushed. All of it is somebody's word.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from ocireg.oci.about import About
from ocireg.oci.chart import Chart
from ocireg.oci.image_config import History, ImageConfig
from ocireg.oci.platform import Platform


class Kind(StrEnum):
    """What a version is."""

    IMAGE = "image"
    INDEX = "index"
    CHART = "chart"
    ARTIFACT = "artifact"


@dataclass(frozen=True, slots=True)
class Part:
    """A blob that a manifest names. ``kind``: config, layer, or foreign, which need not be here.

    ``title`` is a file name that somebody gave it, "" of none; ``present``: it can be pulled from this repository.
    """

    kind: str
    digest: str
    media_type: str
    size: int
    present: bool
    title: str
    annotations: Mapping[str, str]
    artifact_type: str | None = None


@dataclass(frozen=True, slots=True)
class Child:
    """A manifest that an index names; ``position`` is its place, from 0.

    ``about`` is the digest of the image that it is an attestation of, "" of an image. ``present``: it is a manifest of
    this repository, so there is a page of it.
    """

    position: int
    digest: str
    media_type: str
    artifact_type: str | None
    size: int
    platform: Platform | None
    present: bool
    annotations: Mapping[str, str]
    about: str = ""

    @property
    def is_attestation(self) -> bool:
        """Say whether it only tells of another child."""
        return bool(self.about)


@dataclass(frozen=True, slots=True)
class Layer:
    """A layer, from 0, the lowest; ``share`` of the size of all layers, from 0 to 1."""

    position: int
    part: Part
    share: float


@dataclass(frozen=True, slots=True)
class Step:
    """A line of the table of layers: what was done, and the layer that this made. One of them may be unknown."""

    history: History | None
    layer: Layer | None


@dataclass(frozen=True, slots=True)
class Image:
    """An image: its config, and its steps, the first first. ``cut``: it has more steps than are here.

    ``problem`` is a sentence that says why the config is not shown ("" if it is). ``misfit`` is one that says why the
    history is not beside the layers: then each step has either, the layers first.
    """

    config: ImageConfig
    config_part: Part
    steps: tuple[Step, ...]
    layers: int
    layers_size: int
    problem: str = ""
    misfit: str = ""
    cut: bool = False


@dataclass(frozen=True, slots=True)
class Version:
    """A manifest. ``size`` is its own; ``total_size`` with all that it refers to, each digest once.

    ``row`` is for ``Versions`` alone. Of ``tags`` there are the first hundred by name, and ``tag_count`` in all; of
    ``children`` (of an index) and ``parts`` (config and layers of others) the first ones, and as many as the counts
    say in all. ``image`` is there of an image, ``chart`` of a chart whose config could be read.
    """

    row: int
    repository: str
    digest: str
    media_type: str
    artifact_type: str | None
    kind: Kind
    size: int
    total_size: int
    tags: tuple[str, ...]
    tag_count: int
    pushed_at: float
    annotations: Mapping[str, str]
    subject: str | None
    about: About
    content: bytes
    children: tuple[Child, ...] = ()
    child_count: int = 0
    parts: tuple[Part, ...] = ()
    part_count: int = 0
    image: Image | None = None
    chart: Chart | None = None

    @property
    def images(self) -> tuple[Child, ...]:
        """Those of the children that tell of no other one: what a platform switcher has."""
        return tuple(one for one in self.children if not one.is_attestation)


@dataclass(frozen=True, slots=True)
class Checksums:
    """Of the bytes of a manifest, in hexadecimal."""

    md5: str
    sha1: str
    sha256: str
    sha512: str


@dataclass(frozen=True, slots=True)
class Attachment:
    """A manifest that tells of another one. ``kind``: signature, attestation, sbom, or other.

    ``source``: referrer (its subject), index (a child of the same index), or the tag that says so. ``size`` is that
    of its manifest; ``parts`` are the blobs that can be downloaded, without the config if that is empty. ``predicate``
    is the type of what is attested, "" where nothing says it.
    """

    digest: str
    media_type: str
    artifact_type: str | None
    kind: str
    source: str
    size: int
    pushed_at: float
    created: float | None
    annotations: Mapping[str, str]
    parts: tuple[Part, ...]
    predicate: str = ""


@dataclass(frozen=True, slots=True)
class AttachmentPage:
    """Some of them; ``after`` is where the next page begins, None where there is none."""

    attachments: tuple[Attachment, ...]
    after: str | None


@dataclass(frozen=True, slots=True)
class Move:
    """What became of the tag that led to a base: it points at ``digest`` now, or was deleted (None); since ``at``."""

    tag: str
    digest: str | None
    at: float | None


@dataclass(frozen=True, slots=True)
class Dependency:
    """What a version is built on or made of.

    ``source``: annotation (somebody's word: ``name`` as it was written, and ``digest`` unless its layers tell that),
    layers (recognised: all of its ``layers`` are the first ones of this image) or child (of an index; ``platform``).
    ``repository`` is where it is here and may be read, "" where it is not; ``tag`` a tag that leads or led to it, and
    ``here`` the digest to link to, if that manifest is there. ``moved_on`` if the tag has since moved on.
    """

    source: str
    name: str
    digest: str = ""
    repository: str = ""
    tag: str = ""
    here: str = ""
    moved_on: Move | None = None
    platform: Platform | None = None
    layers: int = 0
