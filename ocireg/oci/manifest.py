"""Manifests and indexes, from bytes that nobody vouches for (OCI image v1.1, manifest.md and image-index.md).

Parsing never depends on fields it does not know, and takes any media type of config, layer and artifact. What it
refuses is what two readers could understand in two ways: duplicate keys, ``layers`` beside ``manifests``
(CVE-2021-41190), a media type that contradicts the Content-Type.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NoReturn

from ocireg.oci.descriptor import Descriptor, annotations, media_type, optional_text
from ocireg.oci.errors import InvalidManifest
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
    """Return what ``raw`` is. ``InvalidManifest``, with a message that says what is wrong and where."""
    body = _decode(raw)
    found = _media_type(body, essence(content_type))
    subject = Descriptor.parse(body["subject"], "subject") if body.get("subject") is not None else None
    artifact_type = optional_text(body.get("artifactType"), "artifactType")
    notes = annotations(body.get("annotations"), "annotations")
    if found in INDEXES or (found not in IMAGES and "manifests" in body):
        return Index(found, _descriptors(body, "manifests"), subject, artifact_type, notes)
    config = Descriptor.parse(body["config"], "config") if body.get("config") is not None else None
    if artifact_type is None and config is not None:
        artifact_type = config.media_type
    return Manifest(found, config, _descriptors(body, "layers"), subject, artifact_type, notes)


def _decode(raw: bytes) -> dict[str, Any]:
    try:
        body = json.loads(raw.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant)
    except UnicodeDecodeError as error:
        raise InvalidManifest("the manifest is not UTF-8") from error
    except RecursionError as error:
        raise InvalidManifest("the manifest is nested too deeply") from error
    except InvalidManifest:
        raise
    except ValueError as error:
        raise InvalidManifest(f"the manifest is not JSON: {str(error)[:100]}") from error
    if not isinstance(body, dict):
        raise InvalidManifest("the manifest is not a JSON object")
    return body


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise InvalidManifest("the manifest has an object with a key twice")
    return made


def _constant(name: str) -> NoReturn:
    raise InvalidManifest(f"{name} is not JSON")


def _media_type(body: dict[str, Any], announced: str) -> str:
    """Settle which type a body is of: what it says itself, else what was announced, else what its shape says."""
    version = body.get("schemaVersion")
    stated = media_type(body["mediaType"], "mediaType") if body.get("mediaType") is not None else None
    if {stated, announced} & SCHEMA1 or (version == 1 and type(version) is int):
        raise InvalidManifest("Docker schema 1 is not accepted: push with a client of this decade")
    if version != 2 or type(version) is not int:
        raise InvalidManifest("schemaVersion is not 2")
    listed, layered = "manifests" in body, "layers" in body or "config" in body
    if listed and layered:
        raise InvalidManifest("a manifest has either layers or manifests, not both")
    if stated is not None and announced not in GENERIC and stated.lower() != announced:
        raise InvalidManifest("mediaType contradicts the Content-Type")
    found = stated or ("" if announced in GENERIC else media_type(announced, "Content-Type"))
    if (found in INDEXES and layered) or (found in IMAGES and listed):
        raise InvalidManifest(f"the fields of the manifest are not those of {found}")
    return found or (OCI_INDEX if listed else OCI_MANIFEST)


def _descriptors(body: dict[str, Any], field: str) -> tuple[Descriptor, ...]:
    """Return a list of descriptors; null, as some clients write nothing, is none."""
    listed = body.get(field)
    if listed is None:
        return ()
    if not isinstance(listed, list):
        raise InvalidManifest(f"{field} is not a list")
    return tuple(Descriptor.parse(one, f"{field}[{place}]") for place, one in enumerate(listed))
