"""Downloads: what a manifest names, and the manifest, as files that a browser keeps and does not open."""

from urllib.parse import quote

from flask import Response

from ocireg.auth.manage.errors import Unknown
from ocireg.oci import manifest as parser
from ocireg.oci.about import TITLE
from ocireg.oci.descriptor import Descriptor
from ocireg.oci.digest import Digest
from ocireg.oci.lenient import line
from ocireg.oci.media_types import OCTET_STREAM
from ocireg.registry.manifests import PARSING
from ocireg.web import pieces, pulls
from ocireg.web.asked import Asked
from ocireg.web.pages.headers import POLICY
from ocireg.web.pages.version.frame import READ, parsed_reference, section

LONGEST = 150
"""Characters of a name of a file."""
_TAKEN = frozenset('\\/:*?"<>|%')
"""What some system does not take in a name."""
HEADERS = {"Content-Type": OCTET_STREAM, "Content-Security-Policy": f"{POLICY}; sandbox"}
_ENDINGS = ((".tar+gzip", ".tar.gz"), (".tar.gzip", ".tar.gz"), (".tar+zstd", ".tar.zst"), (".tar", ".tar"))


@section.page("{repository}{reference}/-/blobs/<digest:blob>", READ)
def blob(asked: Asked, reference: str, blob: str) -> Response:
    """Send a blob that this manifest names; no other of the repository, though it be known."""
    registry = asked.context.registry
    found = registry.manifests.get(asked.repository, parsed_reference(reference))
    with PARSING:
        parsed = parser.parse(found.content, found.media_type)
    named = next((one.descriptor for one in parsed.references if str(one.descriptor.digest) == blob), None)
    if named is None:
        raise Unknown("blob", "the manifest names no such blob")
    there = registry.blobs.find(asked.repository, Digest.parse(blob))
    pulls.note(asked.context, "blob.pull", asked.repository, there.digest)
    headers = HEADERS | {"Content-Disposition": attachment(file_name(named))}
    return pieces.answer(registry.blobs, there, asked.context.settings.range_limit, headers)


@section.page("{repository}{reference}/-/manifest", READ)
def manifest(asked: Asked, reference: str) -> Response:
    """Send the manifest, byte for byte."""
    found = asked.context.registry.manifests.get(asked.repository, parsed_reference(reference))
    pulls.note(asked.context, "manifest.pull", asked.repository, found.digest)
    name = f"{asked.repository.rpartition('/')[2]}-{found.digest.encoded[:12]}.json"
    return Response(found.content, headers=HEADERS | {"Content-Disposition": attachment(name)})


def file_name(named: Descriptor) -> str:
    """Return what a blob is kept as: the last part of its title, else its digest with what its type ends with."""
    title = line(named.annotations.get(TITLE, ""), 4 * LONGEST).replace("\\", "/").rstrip("/").rpartition("/")[2]
    clean = "".join("_" if one in _TAKEN else one for one in title).lstrip(". ").rstrip(". ")
    if clean:
        stem, dot, ending = clean.rpartition(".")
        return clean if len(clean) <= LONGEST else f"{stem[: LONGEST - 20]}{dot}{ending[:16]}"
    return f"{named.digest.algorithm}-{named.digest.encoded[:12]}{_ending(named.media_type)}"


def _ending(media_type: str) -> str:
    kind = media_type.partition(";")[0].strip().lower()
    found = next((ending for suffix, ending in _ENDINGS if kind.endswith(suffix)), "")
    return found or (".json" if kind.endswith("json") else ".bin")


def attachment(name: str) -> str:
    """Return the header that names a file (RFC 6266; RFC 8187 for what is not ASCII)."""
    plain = "".join(one if one.isascii() else "_" for one in name)
    extended = "" if plain == name else f"; filename*=UTF-8''{quote(name, safe='')}"
    return f'attachment; filename="{plain}"{extended}'
