"""What tells of a manifest: referrers, and what clients tag (OCI distribution v1.1.1, end-12; cosign)."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ocireg.oci.digest import Digest
from ocireg.oci.media_types import OCI_MANIFEST
from tests.registry.built import Built
from tests.security.statements import statements
from tests.web.v2 import push


@pytest.fixture
def built(tmp_path: Path) -> Iterator[Built]:
    found = Built(tmp_path)
    yield found
    found.close()


def subject(image: bytes) -> dict[str, Any]:
    return push.descriptor(image, OCI_MANIFEST)


@pytest.mark.parametrize(
    ("artifact_type", "blob", "notes", "kind"),
    [
        ("application/vnd.cncf.notary.signature", "application/jose+json", {}, "signature"),
        ("application/vnd.dev.cosign.artifact.sig.v1+json", "text/plain", {}, "signature"),
        (None, "application/vnd.dev.cosign.simplesigning.v1+json", {}, "signature"),
        ("application/vnd.in-toto+json", "application/vnd.in-toto+json", {}, "attestation"),
        ("application/vnd.dev.sigstore.bundle.v0.3+json", "application/json", {}, "attestation"),
        (
            "application/vnd.dev.sigstore.bundle.v0.3+json",
            "application/json",
            {"dev.sigstore.bundle.predicateType": "https://sigstore.dev/cosign/sign/v1"},
            "signature",
        ),
        ("application/spdx+json", "text/plain", {}, "sbom"),
        ("application/vnd.x", "application/vnd.cyclonedx+json", {}, "sbom"),
        ("application/vnd.in-toto+json", "text/plain", {"in-toto.io/predicate-type": "https://spdx.dev/Doc"}, "sbom"),
        ("application/vnd.example.picture", "image/png", {}, "other"),
    ],
)
def test_what_an_attachment_is_its_types_say(
    built: Built, artifact_type: str | None, blob: str, notes: dict[str, str], kind: str
) -> None:
    image = built.image("1", b"x")
    more = {"artifactType": artifact_type} if artifact_type else {}
    told = {"org.opencontainers.image.created": "1970-01-01T00:01:00Z", **notes}
    made = built.artifact("", (b"it", blob), subject=subject(image), annotations=told, **more)
    (found,) = built.registry.versions.attachments("a/b", Digest.of(image)).attachments
    assert (found.kind, found.source, found.digest, found.created) == (kind, "referrer", str(Digest.of(made)), 60.0)
    assert [(one.media_type, one.size, one.present) for one in found.parts] == [(blob, 2, True)]
    assert found.predicate in {"", *notes.values()}


def test_what_clients_tag_is_found_and_nothing_twice(built: Built) -> None:
    image = built.image("1", b"x")
    name = f"sha256-{Digest.of(image).encoded}"
    signed = built.artifact(f"{name}.sig", (b"sig", "application/vnd.dev.cosign.simplesigning.v1+json"))
    bill = built.artifact(f"{name}.sbom", (b"bill", "text/spdx"))
    attested = built.artifact(f"{name}.att", (b"att", "application/vnd.dsse.envelope.v1+json"))
    listed = built.artifact("", (b"old", "text/plain"), artifactType="application/vnd.old")
    refers = built.artifact("", (b"new", "text/plain"), artifactType="application/vnd.new", subject=subject(image))
    built.index(name, (listed, {}), (refers, {}))
    found = built.registry.versions.attachments("a/b", Digest.of(image)).attachments
    assert {(one.digest, one.kind, one.source) for one in found} == {
        (str(Digest.of(refers)), "other", "referrer"),
        (str(Digest.of(signed)), "signature", f"tag {name}.sig"),
        (str(Digest.of(bill)), "sbom", f"tag {name}.sbom"),
        (str(Digest.of(attested)), "attestation", f"tag {name}.att"),
        (str(Digest.of(listed)), "other", f"tag {name}"),
    }
    assert len(found) == 5


def test_attachments_come_by_pages_of_as_many_statements(built: Built) -> None:
    image = built.image("1", b"x")
    for number in range(7):
        built.artifact("", (b"%d" % number, "text/plain"), subject=subject(image))
    versions, digest = built.registry.versions, Digest.of(image)
    costs, seen, after = [], [], ""
    for size in (2, 5):
        with statements() as asked:
            page = versions.attachments("a/b", digest, after, size)
        costs.append(len(asked))
        seen += [one.digest for one in page.attachments]
        after = page.after or ""
    assert after == ""
    assert (len(seen), seen) == (7, sorted(set(seen)))
    assert costs[1] <= costs[0] == 3


def test_a_long_attachment_is_told_without_its_blobs(built: Built) -> None:
    image = built.image("1", b"x")
    built.artifact("", (b"it", "text/plain"), subject=subject(image), annotations={"x": "y" * 300_000})
    (found,) = built.registry.versions.attachments("a/b", Digest.of(image)).attachments
    assert (found.parts, found.annotations, found.size > 300_000) == ((), {}, True)


def test_nothing_tells_of_what_is_not_there(built: Built) -> None:
    assert built.registry.versions.attachments("no/where", Digest.of(b"x")).attachments == ()
    image = built.image("1", b"x")
    built.image("1", b"x", repository="c/d")
    built.artifact("", (b"it", "text/plain"), repository="c/d", subject=subject(image))
    assert built.registry.versions.attachments("a/b", Digest.of(image)).attachments == ()
