"""Manifests and indexes, from bytes that nobody vouches for (OCI image v1.1, manifest.md and image-index.md).

Parsing never depends on fields it does not know, and takes any media type of config, layer and artifact. What it
refuses is what two readers could understand in two ways: ``layers`` beside ``manifests`` (CVE-2021-41190), a media
type that contradicts the Content-Type, and what :mod:`ocireg.oci.document` refuses.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ocireg.oci import document
from ocireg.oci.descriptor import Descriptor, annotations, optional_text
from ocireg.oci.errors import InvalidManifest
from ocireg.oci.grammar import MEDIA_TYPE
from ocireg.oci.media_types import FOREIGN_LAYERS, GENERIC, IMAGES, INDEXES, OCI_INDEX, OCI_MANIFEST, SCHEMA1, essence


@dataclass(frozen=True, slots=True)
class Reference:
    """A part that a manifest refers to. ``kind``: config, layer, manifest, or foreign: one that need not be here."""

    kind: str
    descriptor: Descriptor


@dataclass(frozen=True, slots=True)
class Manifest:
    """An image manifest, or an artifact in its form. ``artifact_type`` is that of the referrers API (end-12)."""

    media_type: str
    config: Descriptor | None
    layers: tuple[Descriptor, ...]
    subject: Descriptor | None
    artifact_type: str | None
    annotations: Mapping[str, str]

    @property
    def references(self) -> tuple[Reference, ...]:
        """The parts, in the manifest's order."""
        config = (Reference("config", self.config),) if self.config else ()
        return config + tuple(Reference(_layer_kind(one), one) for one in self.layers)


@dataclass(frozen=True, slots=True)
class Index:
    """An index of manifests. Its artifact type is its own or none (end-12)."""

    media_type: str
    manifests: tuple[Descriptor, ...]
    subject: Descriptor | None
    artifact_type: str | None
    annotations: Mapping[str, str]

    @property
    def references(self) -> tuple[Reference, ...]:
        """The children, in the index's order."""
        return tuple(Reference("manifest", one) for one in self.manifests)


def _layer_kind(layer: Descriptor) -> str:
    return "foreign" if layer.media_type in FOREIGN_LAYERS or layer.urls else "layer"


def parse(raw: bytes, content_type: str | None) -> Manifest | Index:
    """Return what ``raw`` is. ``InvalidManifest``, with a message that says what is wrong and where.

    Its media type, which every pull replays, is the one it states; else that of ``content_type``; else the OCI type of
    its shape. A type that is not known by name must be one of JSON (``+json``), and the shape says what it is.
    """
    body = document.decode(raw)
    found = _media_type(body, essence(content_type))
    subject = Descriptor.parse(body["subject"], "subject") if body.get("subject") is not None else None
    artifact_type = optional_text(body.get("artifactType"), "artifactType")
    notes = annotations(body.get("annotations"), "annotations")
    if _is_index(body, found):
        return Index(found, _descriptors(body, "manifests"), subject, artifact_type, notes)
    config = Descriptor.parse(body["config"], "config") if body.get("config") is not None else None
    if artifact_type is None and config is not None:
        artifact_type = config.media_type
    return Manifest(found, config, _descriptors(body, "layers"), subject, artifact_type, notes)


def _media_type(body: dict[str, Any], announced: str) -> str:
    """Settle which type a body is of: what it says itself, else what was announced, else what its shape says."""
    stated = _stated(body)
    version = body.get("schemaVersion")
    if {stated, announced} & SCHEMA1 or (version == 1 and type(version) is int):
        raise InvalidManifest("Docker schema 1 is not accepted: push with a client of this decade")
    if version != 2 or type(version) is not int:
        raise InvalidManifest("schemaVersion is not 2")
    if announced in GENERIC:
        announced = ""
    if stated and announced and stated != announced:
        raise InvalidManifest("mediaType contradicts the Content-Type")
    return _fitting(body, stated or announced)


def _stated(body: dict[str, Any]) -> str:
    """Return the body's own media type, lower-case as essence() is; "" for none."""
    stated = body.get("mediaType")
    if stated is None:
        return ""
    if not isinstance(stated, str):
        raise InvalidManifest("mediaType is not a string")
    return stated.lower()


def _fitting(body: dict[str, Any], found: str) -> str:
    """Return ``found``, or for "" the type of the shape. ``InvalidManifest`` if the fields are of another type."""
    listed = body.get("manifests") is not None
    layered = body.get("layers") is not None or body.get("config") is not None
    if listed and layered:
        raise InvalidManifest("a manifest has either layers or manifests, not both")
    if (found in INDEXES and layered) or (found in IMAGES and listed):
        raise InvalidManifest(f"the fields of the manifest are not those of {found}")
    if found in IMAGES | INDEXES:
        return found
    if not body.keys() & {"config", "layers", "manifests"}:
        raise InvalidManifest("the manifest has neither layers nor manifests")
    if not found:
        return OCI_INDEX if _is_index(body, found) else OCI_MANIFEST
    # Pulls replay the type. Were it text/html, a browser would run what the manifest holds.
    if not (MEDIA_TYPE.fullmatch(found) and found.endswith("+json")):
        raise InvalidManifest("the media type is not one of a manifest")
    return found


def _is_index(body: dict[str, Any], found: str) -> bool:
    """Say what a body is: by its type if that is known by name, else by its fields, of which null is the weaker."""
    if found in IMAGES | INDEXES:
        return found in INDEXES
    return body.get("manifests") is not None or not body.keys() & {"config", "layers"}


def _descriptors(body: dict[str, Any], field: str) -> tuple[Descriptor, ...]:
    """Return a list of descriptors; null, as some clients write nothing, is none."""
    listed = body.get(field)
    if listed is None:
        return ()
    if not isinstance(listed, list):
        raise InvalidManifest(f"{field} is not a list")
    return tuple(Descriptor.parse(one, f"{field}[{place}]") for place, one in enumerate(listed))
