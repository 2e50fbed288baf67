"""What tells of a version: signatures, bills of materials, attestations."""

from flask import Response, request

from ocireg.oci.digest import Digest
from ocireg.oci.errors import InvalidDigest
from ocireg.web.asked import Asked
from ocireg.web.pages.version.frame import READ, section, see, shown
from ocireg.web.windows import Part

PAGE = 30
KINDS = {"signature": "Signature", "attestation": "Attestation", "sbom": "SBOM", "other": "Attachment"}


@section.page("{repository}{reference}/-/attachments", READ)
def attachments(asked: Asked, reference: str) -> Response:
    """List what is attached to it, with what can be downloaded."""
    seen = see(asked, reference)
    after = _digest(request.args.get("after", ""))
    found = asked.context.registry.versions.attachments(
        asked.repository, seen.digest, after=after, limit=PAGE, index=seen.index
    )
    part = Part(list(found.attachments), after=found.after or "")
    return shown(asked, seen, "attachments", part=part, kinds=KINDS, is_first=not after)


def _digest(text: str) -> str:
    """Return where a page begins; what is no digest is the beginning."""
    try:
        return str(Digest.parse(text)) if text else ""
    except InvalidDigest:
        return ""
