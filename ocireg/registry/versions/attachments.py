"""What tells of a manifest: its referrers, what clients tag for registries without them, what an index has beside it.

Referrers are those of OCI distribution v1.1.1, end-12, and its "Referrers Tag Schema"; cosign's tags are of its
``SIGNATURE_SPEC.md``. A page takes as many statements as one attachment.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from ocireg.metadata import blobs, versions
from ocireg.metadata.database import Database
from ocireg.metadata.versions import StoredVersion
from ocireg.oci import manifest as parser
from ocireg.oci.about import OCI
from ocireg.oci.digest import Digest
from ocireg.oci.lenient import line, time_of
from ocireg.oci.manifest import Index, Manifest, Reference
from ocireg.oci.media_types import OCI_EMPTY
from ocireg.registry.manifests import PARSING
from ocireg.registry.versions.parts import REFERENCE_DIGEST, part
from ocireg.registry.versions.values import Attachment, AttachmentPage

BESIDE = 100
"""Attachments that tags and an index tell of: those come with the first page."""
PARTS = 50
"""Blobs of one attachment that are named."""
SIGNATURE, ATTESTATION, SBOM, OTHER = "signature", "attestation", "sbom", "other"
SUFFIXES = {".sig": SIGNATURE, ".att": ATTESTATION, ".sbom": SBOM}
_WORDS = (
    (SBOM, ("spdx", "cyclonedx", "syft", "sbom")),
    (SIGNATURE, ("cosign/sign", "simplesigning", "signature", ".sig.")),
    (ATTESTATION, ("in-toto", "attestation", "slsa", "dsse", "sigstore.bundle")),
)
_PREDICATES = ("in-toto.io/predicate-type", "dev.sigstore.bundle.predicateType", "predicateType")


@dataclass(frozen=True, slots=True)
class _Found:
    source: str
    stored: StoredVersion
    kind: str = ""


def page(
    database: Database, repository: str, digest: Digest, after: str, limit: int, index: Index | None
) -> AttachmentPage:
    """Return up to ``limit`` referrers with digests greater than ``after``; first also what tags and ``index`` name."""
    stored = versions.referrers(database, repository, str(digest), after, limit + 1)
    more = stored[limit - 1].digest if len(stored) > limit else None
    found = [_Found("referrer", one) for one in stored[:limit]]
    if not after:
        known = {one.stored.digest for one in found}
        beside = [*_tagged(database, repository, digest), *_of_index(database, repository, digest, index)]
        found += [one for one in beside if one.stored.digest not in known and one.stored.subject != str(digest)]
    return AttachmentPage(tuple(_told(database, repository, found)), more)


def _tagged(database: Database, repository: str, digest: Digest) -> list[_Found]:
    """Return what tags name: cosign's, and the children of the index under the specification's."""
    schema = f"{digest.algorithm[:32]}-{digest.encoded[:64]}"
    names = {f"{digest.algorithm}-{digest.encoded}{suffix}": kind for suffix, kind in SUFFIXES.items()}
    tagged = versions.by_tag(database, repository, [schema, *(one for one in names if len(one) <= 128)])
    found = [_Found(f"tag {name}", one, names[name]) for name, one in tagged.items() if name in names]
    listed = _parsed(tagged[schema]) if schema in tagged else None
    if isinstance(listed, Index):
        children = [str(one.digest) for one in listed.manifests[:BESIDE]]
        stored = versions.by_digest(database, repository, children)
        found += [_Found(f"tag {schema}", one) for one in stored]
    return found


def _of_index(database: Database, repository: str, digest: Digest, index: Index | None) -> list[_Found]:
    children = index.manifests if index else ()
    wanted = [str(one.digest) for one in children if one.annotations.get(REFERENCE_DIGEST) == str(digest)]
    if not wanted:
        return []
    return [_Found("index", one) for one in versions.by_digest(database, repository, wanted[:BESIDE])]


def _told(database: Database, repository: str, found: Sequence[_Found]) -> Iterable[Attachment]:
    bodies = [_body(one.stored) for one in found]
    digests = {str(one.descriptor.digest) for _, some in bodies for one in some}
    here = blobs.sizes(database, repository, digests) if digests else {}
    for one, (notes, some) in zip(found, bodies, strict=True):
        parts = tuple(part(named, lambda digest: digest in here) for named in some)
        stored = one.stored
        predicate = _predicate(notes, *(named.annotations for named in parts))
        yield Attachment(
            digest=stored.digest,
            media_type=stored.media_type,
            artifact_type=stored.artifact_type,
            kind=one.kind or _kind(stored.artifact_type or "", predicate, *(named.media_type for named in parts)),
            source=one.source,
            size=stored.size,
            pushed_at=stored.pushed_at,
            created=time_of(notes.get(f"{OCI}created")),
            annotations=notes,
            parts=parts,
            predicate=predicate,
        )


def _parsed(stored: StoredVersion) -> Manifest | Index | None:
    """Return a manifest; None of a long one."""
    if stored.content is None:
        return None
    with PARSING:
        return parser.parse(stored.content, stored.media_type)


def _body(stored: StoredVersion) -> tuple[Mapping[str, str], tuple[Reference, ...]]:
    """Return the annotations and the blobs to download, without a config that says nothing; no more of it is kept."""
    body = _parsed(stored)
    if not isinstance(body, Manifest):
        return (body.annotations if body else {}), ()
    return body.annotations, tuple(one for one in body.references if one.descriptor.media_type != OCI_EMPTY)[:PARTS]


def _predicate(*said: Mapping[str, str]) -> str:
    return next((line(one[name], 500) for name in _PREDICATES for one in said if name in one), "")


def _kind(*said: str) -> str:
    text = " ".join(said).lower()
    return next((kind for kind, words in _WORDS if any(one in text for one in words)), OTHER)
