"""What is around a package: what tells of it, and what it is built on."""

from typing import Any

from marshmallow import fields as base

from ocireg.auth import access
from ocireg.oci.digest import Digest
from ocireg.registry.versions import Dependency
from ocireg.web import client
from ocireg.web.api import fields
from ocireg.web.api.details import DIGEST, ONE, Blob, PlatformPart, Texts, version_of
from ocireg.web.api.fields import Strict
from ocireg.web.api.nouns import Noun
from ocireg.web.api.packages import READ, find
from ocireg.web.api.pages import ForwardQuery, forward
from ocireg.web.asked import Asked

noun = Noun("Attachments and dependencies", "What tells of a package, what it is built on, and if that has moved on.")


class AttachmentPart(Strict):
    """A manifest that tells of a package. Its blobs are pulled from the same repository."""

    digest = base.String(metadata={"example": DIGEST})
    media_type = base.String()
    artifact_type = base.String(allow_none=True)
    kind = base.String(metadata={"example": "signature", "description": "signature, attestation, sbom or other."})
    source = base.String(metadata={"example": "referrer", "description": "referrer, or the tag that says so."})
    predicate = base.String(metadata={"description": "The type of what is attested."})
    size = base.Integer(metadata={"description": "Bytes of the manifest."})
    pushed_at = fields.time()
    created_at = fields.time(attribute="created", allow_none=True)
    annotations = Texts()
    blobs = base.List(base.Nested(Blob), attribute="parts")


class MovePart(Strict):
    """What became of the tag that led to a base."""

    tag = base.String(metadata={"example": "3.20"})
    digest = base.String(allow_none=True, metadata={"description": "What it points at now; null: it was deleted."})
    at = fields.time(allow_none=True)


class DependencyPart(Strict):
    """What a package is built on or made of."""

    source = base.String(
        metadata={
            "example": "layers",
            "description": "annotation: somebody says so; layers: all of its layers come first; child: of an index.",
        }
    )
    name = base.String(metadata={"example": "acme/containers/base:3.20"})
    digest = base.String(metadata={"example": DIGEST})
    repository = base.String(metadata={"description": "Where it is here; empty where it is not, or may not be read."})
    tag = base.String(metadata={"description": "A tag that leads to it, or did."})
    here = base.String(metadata={"description": "The digest of a manifest of that repository; empty of none."})
    layers = base.Integer(metadata={"description": "How many layers are its."})
    platform = base.Nested(PlatformPart, allow_none=True)
    moved_on = base.Nested(MovePart, allow_none=True, metadata={"description": "If the tag has moved on since."})


@noun.operation("GET", f"{ONE}/attachments", READ, query=ForwardQuery, answer=AttachmentPart(many=True))
def list_attachments(asked: Asked, query: dict[str, Any], package: str) -> Any:
    """List what tells of a package: signatures, attestations, SBOMs, by digest; what tags tell of is on the first page.

    Attestations that an index has beside its images are children of the index.
    """
    stored = find(asked, package)
    found = asked.context.registry.versions.attachments(
        stored.repository, Digest.parse(stored.digest), query.get("after", ""), query["per_page"]
    )
    return list(found.attachments), forward(found.after)


@noun.operation("GET", f"{ONE}/dependencies", READ, answer=DependencyPart(many=True))
def list_dependencies(asked: Asked, package: str) -> list[Dependency]:
    """List what a package is built on, of what the caller may pull; of an index its children, the first 100."""
    settings = asked.context.settings
    reach = access.reach(asked.caller.actor, root=settings.root_registry)
    found = version_of(asked, package)
    return list(asked.context.registry.versions.dependencies(found, reach, client.host(settings)))
