"""What refers to a manifest: signatures, attestations, SBOMs (OCI distribution v1.1.1, end-12)."""

import json
from typing import Any

from ocireg.metadata import manifests
from ocireg.metadata.database import Database
from ocireg.metadata.manifests import Referrer
from ocireg.oci.digest import Digest

ENVELOPE = 128
"""Bytes of the index around the descriptors."""


class Referrers:
    """The use-case of referrers."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def page(
        self, repository: str, subject: Digest, artifact_type: str | None, after: str, limit: int, max_bytes: int
    ) -> tuple[list[dict[str, Any]], str | None]:
        """Return descriptors of manifests with that subject, and the digest to go on after if more follow.

        At most ``limit`` of them, and so many that their JSON fits in ``max_bytes``: "if the list does not fit one
        manifest" the rest is linked to. A repository or a subject that is not there has none.
        """
        page: list[dict[str, Any]] = []
        room = max_bytes - ENVELOPE
        with manifests.referrers(self._database, repository, str(subject), artifact_type, after) as found:
            for one in found:
                described = _descriptor(one)
                room -= len(encode(described)) + 1  # a comma
                if page and (room < 0 or len(page) == limit):
                    return page, str(page[-1]["digest"])
                page.append(described)
        return page, None


def _descriptor(one: Referrer) -> dict[str, Any]:
    described: dict[str, Any] = {"mediaType": one.media_type, "digest": one.digest, "size": one.size}
    if one.artifact_type:
        described["artifactType"] = one.artifact_type
    if one.annotations:
        described["annotations"] = dict(one.annotations)
    return described


def encode(value: object) -> bytes:
    """Return JSON that is no longer than what it was pushed as: text is not escaped that need not be."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
