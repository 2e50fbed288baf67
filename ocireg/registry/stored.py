"""Manifests as the store has them, verified: for whoever finds one that the database does not know."""

import math
from dataclasses import dataclass

from ocireg.oci import manifest as parser
from ocireg.oci.digest import Digest
from ocireg.oci.reference import parse_repository
from ocireg.storage import ManifestRecord

HEAD = 64 * 1024
"""Bytes of the longest line before a manifest."""


@dataclass(frozen=True, slots=True)
class FoundInStore:
    """What the line says, the bytes, and what they say."""

    record: ManifestRecord
    digest: Digest
    content: bytes
    parsed: parser.Manifest | parser.Index


def verified(stored: bytes) -> FoundInStore:
    """Return the manifest that an object holds. ``ValueError`` of one that no push can have stored so."""
    record, content = ManifestRecord.parse(stored)
    digest = Digest.parse(record.digest)
    if Digest.of(content, digest.algorithm) != digest:
        raise ValueError("the manifest is not the one of that digest")
    if not math.isfinite(record.pushed_at):
        raise ValueError("there is no such time")
    parse_repository(record.repository)
    return FoundInStore(record, digest, content, parser.parse(content, record.media_type))
