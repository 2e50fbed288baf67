"""What a manifest names, as a person sees it: blobs, children, and the steps of an image."""

from collections.abc import Callable, Sequence

from ocireg.metadata import blobs, versions
from ocireg.metadata.database import Database
from ocireg.oci.about import TITLE
from ocireg.oci.descriptor import Descriptor
from ocireg.oci.image_config import History, ImageConfig
from ocireg.oci.lenient import line
from ocireg.oci.manifest import Index, Reference
from ocireg.registry.versions.values import Child, Image, Layer, Part, Step

MOST = 1000
"""Parts, or steps, that are shown of one manifest."""
TITLE_LENGTH = 255
REFERENCE_TYPE, REFERENCE_DIGEST = "vnd.docker.reference.type", "vnd.docker.reference.digest"
"""Annotations with which BuildKit puts attestations beside the images of an index (moby/buildkit, attestations)."""


def parts_of(database: Database, repository: str, references: Sequence[Reference]) -> tuple[Part, ...]:
    """Return blobs as they are named, and whether they are here."""
    here = blobs.sizes(database, repository, {str(one.descriptor.digest) for one in references})
    return tuple(part(one, lambda digest: digest in here) for one in references)


def part(named: Reference, present: Callable[[str], bool]) -> Part:
    """Return a blob as it is named."""
    one = named.descriptor
    return Part(
        kind=named.kind,
        digest=str(one.digest),
        media_type=one.media_type,
        size=one.size,
        present=present(str(one.digest)),
        title=line(one.annotations.get(TITLE, ""), TITLE_LENGTH),
        annotations=one.annotations,
        artifact_type=one.artifact_type,
    )


def children_of(database: Database, repository: str, index: Index, first: int, limit: int) -> tuple[Child, ...]:
    """Return the children of an index at the places ``[first, first + limit)``."""
    some = index.manifests[first : first + limit]
    here = versions.present(database, repository, {str(one.digest) for one in some})
    return tuple(_child(first + place, one, str(one.digest) in here) for place, one in enumerate(some))


def _child(position: int, one: Descriptor, present: bool) -> Child:
    return Child(
        position=position,
        digest=str(one.digest),
        media_type=one.media_type,
        artifact_type=one.artifact_type,
        size=one.size,
        platform=one.platform,
        present=present,
        annotations=one.annotations,
        about=line(one.annotations.get(REFERENCE_DIGEST, "") or "?", 140) if REFERENCE_TYPE in one.annotations else "",
    )


def image_of(config: ImageConfig | None, problem: str, parts: Sequence[Part]) -> Image:
    """Return an image of those parts, the first of which is its config."""
    of_it, *named = parts
    whole = sum(one.size for one in named)
    layers = [Layer(place, one, one.size / whole if whole else 0.0) for place, one in enumerate(named)]
    found = config or ImageConfig()
    steps, misfit = _steps(found.history, layers)
    if problem:
        misfit = ""
    cut = len(steps) > MOST
    return Image(found, of_it, tuple(steps[:MOST]), len(layers), whole, problem, misfit, cut)


def _steps(history: Sequence[History], layers: Sequence[Layer]) -> tuple[list[Step], str]:
    """Return layers beside what made them; and why that cannot be, if so."""
    made = sum(not one.empty_layer for one in history)
    if made == len(layers):
        left = iter(layers)
        return [Step(one, None if one.empty_layer else next(left)) for one in history], ""
    apart = [Step(None, one) for one in layers] + [Step(one, None) for one in history]
    if not history:
        return apart, "The image does not say how its layers were made."
    return apart, f"The history tells of {_count(made)}, and there are {len(layers)}: which is which cannot be told."


def _count(number: int) -> str:
    return "1 layer" if number == 1 else f"{number} layers"
