"""What refers to a manifest: signatures, attestations, SBOMs (OCI distribution v1.1.1, end-12)."""

from typing import Any

from ocireg.metadata import manifests
from ocireg.metadata.database import Database
from ocireg.metadata.manifests import Referrer
from ocireg.oci.digest import Digest


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
        found = manifests.referrers(self._database, repository, str(subject), artifact_type, after, limit + 1)
        page: list[dict[str, Any]] = []
        room = max_bytes
        for one in found[:limit]:
            described = _descriptor(one)
            room -= _json_size(described)
            if room < 0 and page:
                break
            page.append(described)
        more = len(page) < len(found)
        return page, str(page[-1]["digest"]) if more and page else None


def _descriptor(one: Referrer) -> dict[str, Any]:
    described: dict[str, Any] = {"mediaType": one.media_type, "digest": one.digest, "size": one.size}
    if one.artifact_type:
        described["artifactType"] = one.artifact_type
    if one.annotations:
        described["annotations"] = dict(one.annotations)
    return described


def _json_size(described: dict[str, Any]) -> int:
    """Return an upper bound of the bytes that the descriptor takes, the annotations escaped at worst."""
    annotations = described.get("annotations", {})
    return 512 + len(described.get("artifactType", "")) + sum(6 * (len(k) + len(v)) + 8 for k, v in annotations.items())
