"""Manifests and indexes (OCI image v1.1, manifest.md and image-index.md)."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocireg.oci.descriptor import LARGEST
from ocireg.oci.errors import InvalidManifest
from ocireg.oci.grammar import DIGEST, MEDIA_TYPE
from ocireg.oci.manifest import Index, Manifest, parse
from ocireg.oci.media_types import (
    DOCKER_LIST,
    DOCKER_MANIFEST,
    DOCKER_SCHEMA1,
    DOCKER_SCHEMA1_SIGNED,
    FOREIGN_LAYERS,
    OCI_CONFIG,
    OCI_EMPTY,
    OCI_INDEX,
    OCI_MANIFEST,
    OCTET_STREAM,
)
from tests.oci.samples import LAYER, descriptor, encode, image, index, without
from tests.oci.test_document import values

ARTIFACT = "application/vnd.example.artifact.v1+json"
HELM = "application/vnd.cncf.helm.config.v1+json"


def parts(body: object, content_type: str | None = None) -> list[tuple[str, str]]:
    """Return kind and first digit of each part of a manifest, in order."""
    return [(one.kind, one.descriptor.digest.encoded[0]) for one in parse(encode(body), content_type).references]


def test_an_image_is_understood() -> None:
    parsed = parse(encode(image(annotations={"k": "v"}, subject=descriptor("5", OCI_MANIFEST))), OCI_MANIFEST)
    assert isinstance(parsed, Manifest)
    assert (parsed.media_type, parsed.artifact_type, parsed.annotations) == (OCI_MANIFEST, OCI_CONFIG, {"k": "v"})
    assert parsed.subject is not None
    assert parsed.subject.digest.encoded == "5" * 64
    assert parsed.config is not None
    assert parsed.config.media_type == OCI_CONFIG
    assert [one.media_type for one in parsed.layers] == [LAYER, LAYER]


def test_an_index_is_understood() -> None:
    subject = descriptor("5", OCI_MANIFEST)
    parsed = parse(encode(index(annotations={"k": "v"}, subject=subject, artifactType=ARTIFACT)), OCI_INDEX)
    assert isinstance(parsed, Index)
    assert (parsed.media_type, parsed.artifact_type, parsed.annotations) == (OCI_INDEX, ARTIFACT, {"k": "v"})
    assert parsed.subject is not None
    assert parsed.subject.digest.encoded == "5" * 64
    assert [one.media_type for one in parsed.manifests] == [OCI_MANIFEST, OCI_MANIFEST]


def test_an_index_as_large_as_a_manifest_may_be_is_understood() -> None:
    platform = {"architecture": "amd64", "os": "linux"}
    entry = descriptor("1", OCI_MANIFEST, platform=platform)
    count = 4 * 2**20 // (len(json.dumps(entry, separators=(",", ":"))) + 1) - 1
    raw = json.dumps(index(manifests=[entry] * count), separators=(",", ":")).encode()
    assert 4_190_000 < len(raw) <= 4 * 2**20
    assert len(parse(raw, OCI_INDEX).references) == count


def test_parts_are_listed_in_the_order_of_the_manifest_and_the_subject_is_none() -> None:
    subject = descriptor("5", OCI_MANIFEST)
    layers = [descriptor("9"), descriptor("1"), descriptor("9")]
    assert parts(image(layers=layers, subject=subject)) == [
        ("config", "c"),
        ("layer", "9"),
        ("layer", "1"),
        ("layer", "9"),
    ]
    assert parts(index(subject=subject)) == [("manifest", "1"), ("manifest", "2")]


@pytest.mark.parametrize("media_type", sorted(FOREIGN_LAYERS))
def test_a_layer_that_must_not_be_distributed_is_foreign(media_type: str) -> None:
    layers = [descriptor("1", media_type), descriptor("2")]
    assert parts(image(layers=layers)) == [("config", "c"), ("foreign", "1"), ("layer", "2")]


def test_a_layer_that_says_where_else_it_is_is_foreign() -> None:
    layers = [descriptor("1", urls=["https://example.org/layer"]), descriptor("2", urls=[])]
    assert parts(image(layers=layers)) == [("config", "c"), ("foreign", "1"), ("layer", "2")]


TYPES = [
    # body, Content-Type, the type that is stored, what it is
    (image(), OCI_MANIFEST, OCI_MANIFEST, Manifest),
    (image(), OCI_MANIFEST + "; charset=utf-8", OCI_MANIFEST, Manifest),
    (image(), OCI_MANIFEST.upper(), OCI_MANIFEST, Manifest),
    (image(), None, OCI_MANIFEST, Manifest),
    (image(), "application/json", OCI_MANIFEST, Manifest),
    (image(), OCTET_STREAM, OCI_MANIFEST, Manifest),
    (image(mediaType=DOCKER_MANIFEST), DOCKER_MANIFEST, DOCKER_MANIFEST, Manifest),
    (image(mediaType=DOCKER_MANIFEST), None, DOCKER_MANIFEST, Manifest),
    (without(image(), "mediaType"), OCI_MANIFEST, OCI_MANIFEST, Manifest),
    (without(image(), "mediaType"), DOCKER_MANIFEST, DOCKER_MANIFEST, Manifest),
    (without(image(), "mediaType"), None, OCI_MANIFEST, Manifest),
    (image(mediaType=None), None, OCI_MANIFEST, Manifest),
    (image(mediaType=""), DOCKER_MANIFEST, DOCKER_MANIFEST, Manifest),
    (image(mediaType=OCI_MANIFEST.upper()), OCI_MANIFEST, OCI_MANIFEST, Manifest),
    (index(), OCI_INDEX, OCI_INDEX, Index),
    (index(), None, OCI_INDEX, Index),
    (index(mediaType=DOCKER_LIST), DOCKER_LIST, DOCKER_LIST, Index),
    (without(index(), "mediaType"), DOCKER_LIST, DOCKER_LIST, Index),
    (without(index(), "mediaType"), "text/plain", OCI_INDEX, Index),
    # types that are not known by name: the shape says what they are, and they are kept
    (image(mediaType=ARTIFACT), ARTIFACT, ARTIFACT, Manifest),
    (index(mediaType=ARTIFACT), None, ARTIFACT, Index),
    (without(index(), "mediaType"), ARTIFACT, ARTIFACT, Index),
    # null, as clients in Go write nothing
    (image(manifests=None), OCI_MANIFEST, OCI_MANIFEST, Manifest),
    (index(layers=None, config=None), OCI_INDEX, OCI_INDEX, Index),
    (without(index(layers=None), "mediaType"), None, OCI_INDEX, Index),
    (without(image(manifests=None), "mediaType"), None, OCI_MANIFEST, Manifest),
    ({"schemaVersion": 2, "manifests": None}, None, OCI_INDEX, Index),
    ({"schemaVersion": 2, "layers": None}, None, OCI_MANIFEST, Manifest),
    ({"schemaVersion": 2, "layers": None, "manifests": None}, None, OCI_MANIFEST, Manifest),
]


@pytest.mark.parametrize(("body", "content_type", "stored", "kind"), TYPES)
def test_the_media_type_is_the_bodys_else_the_headers_else_the_shapes(
    body: dict[str, Any], content_type: str | None, stored: str, kind: type
) -> None:
    parsed = parse(encode(body), content_type)
    assert (parsed.media_type, type(parsed)) == (stored, kind)


ODD = {
    "no layers": (image(layers=[]), ["config"]),
    "layers null": (image(layers=None), ["config"]),
    "layers absent": (without(image(), "layers"), ["config"]),
    "an artifact with the empty config": (
        image(artifactType=ARTIFACT, config=descriptor("c", OCI_EMPTY), layers=[descriptor("1", "a/b")]),
        ["config", "layer"],
    ),
    "a chart": (image(config=descriptor("c", HELM)), ["config", "layer", "layer"]),
    "a layer in its own manifest": (image(layers=[descriptor("1", data="AA==")]), ["config", "layer"]),
    "everything else null": (image(subject=None, annotations=None, artifactType=None), ["config", "layer", "layer"]),
    "unknown fields": (image(newField=[1], blobs="x", fsLayers=[]), ["config", "layer", "layer"]),
    "no children": (index(manifests=[]), []),
    "children null": (index(manifests=None), []),
    "children absent": (without(index(), "manifests"), []),
    "an index of indexes": (index(manifests=[descriptor("1", OCI_INDEX)]), ["manifest"]),
    "an index of layers, as build caches are": (
        index(manifests=[descriptor("1"), descriptor("2", "application/vnd.buildkit.cacheconfig.v0")]),
        ["manifest", "manifest"],
    ),
    "an attestation": (
        index(manifests=[descriptor("1", OCI_MANIFEST, platform={"architecture": "unknown", "os": "unknown"})]),
        ["manifest"],
    ),
    "a subject under a digest that is not supported": (
        image(subject=descriptor(digest="blake3:" + "a" * 64)),
        ["config", "layer", "layer"],
    ),
}


@pytest.mark.parametrize(("body", "kinds"), ODD.values(), ids=ODD.keys())
def test_odd_but_lawful_manifests_are_taken(body: dict[str, Any], kinds: list[str]) -> None:
    assert [one.kind for one in parse(encode(body), body["mediaType"]).references] == kinds


ARTIFACT_TYPES = {
    "the manifest's own": (image(artifactType=ARTIFACT), ARTIFACT),
    "else its config's": (image(config=descriptor("c", HELM)), HELM),
    "an empty one is none": (image(artifactType="", config=descriptor("c", HELM)), HELM),
    "none without a config": (without(image(), "config"), None),
    "the index's own": (index(artifactType=ARTIFACT), ARTIFACT),
    "else none": (index(), None),
}


@pytest.mark.parametrize(("body", "expected"), ARTIFACT_TYPES.values(), ids=ARTIFACT_TYPES.keys())
def test_the_artifact_type_is_that_of_the_referrers_api(body: dict[str, Any], expected: str | None) -> None:
    assert parse(encode(body), None).artifact_type == expected


CONTRADICTS = "contradicts the Content-Type"
REFUSED = {
    "no schemaVersion": (without(image(), "schemaVersion"), None, "schemaVersion"),
    "schemaVersion 3": (image(schemaVersion=3), None, "schemaVersion"),
    "schemaVersion as text": (image(schemaVersion="2"), None, "schemaVersion"),
    "schemaVersion as a fraction": (image(schemaVersion=2.0), None, "schemaVersion"),
    "schemaVersion true": (image(schemaVersion=True), None, "schemaVersion is not 2"),
    "schemaVersion 1": ({"schemaVersion": 1, "fsLayers": []}, None, "schema 1 is not accepted"),
    "schema 1 by its body": (image(mediaType=DOCKER_SCHEMA1), None, "schema 1 is not accepted"),
    "schema 1 by its header": (without(image(), "mediaType"), DOCKER_SCHEMA1, "schema 1 is not accepted"),
    "schema 1, signed": (image(), DOCKER_SCHEMA1_SIGNED, "schema 1 is not accepted"),
    "layers beside manifests": (image(manifests=[]), None, "not both"),
    "layers beside manifests in an index": (index(layers=[]), OCI_INDEX, "not both"),
    "config beside manifests": (index(config=descriptor()), OCI_INDEX, "not both"),
    "layers beside manifests in a type of its own": (image(manifests=[], mediaType=ARTIFACT), None, "not both"),
    "layers in an index": (image(mediaType=OCI_INDEX), None, "not those of"),
    "layers in a manifest list": (without(image(), "mediaType"), DOCKER_LIST, "not those of"),
    "manifests in an image": (index(mediaType=OCI_MANIFEST), None, "not those of"),
    "manifests in an image of Docker": (without(index(), "mediaType"), DOCKER_MANIFEST, "not those of"),
    "an index as an image": (index(), OCI_MANIFEST, CONTRADICTS),
    "an image as an index": (image(), OCI_INDEX, CONTRADICTS),
    "an image of Docker as one of OCI": (image(mediaType=DOCKER_MANIFEST), OCI_MANIFEST, CONTRADICTS),
    "an image as an artifact": (image(), ARTIFACT, CONTRADICTS),
    "a page": (image(mediaType="text/html"), "text/html", "not one of a manifest"),
    "a page by its header": (without(image(), "mediaType"), "text/html", "not one of a manifest"),
    "a header within a type": (image(mediaType="a/b\r\nc: d+json"), None, "not one of a manifest"),
    "no media type": (without(image(), "mediaType"), "json", "not one of a manifest"),
    "mediaType that is no text": (image(mediaType=7), None, "mediaType is not a string"),
    "neither shape": ({"schemaVersion": 2}, None, "neither layers nor manifests"),
    "neither shape, of a type of its own": ({"schemaVersion": 2}, ARTIFACT, "neither layers nor manifests"),
    # The artifact manifest that OCI image v1.1 dropped: its blobs would not be seen, and be cleaned away.
    "an artifact manifest": ({"mediaType": ARTIFACT, "blobs": [descriptor()]}, ARTIFACT, "schemaVersion"),
    "layers that are no list": (image(layers={}), None, "layers is not a list"),
    "children that are no list": (index(manifests="x"), None, "manifests is not a list"),
    "a layer that is null": (image(layers=[descriptor(), None]), None, r"layers\[1\] is not a descriptor"),
    "a layer without a size": (image(layers=[without(descriptor(), "size")]), None, r"layers\[0\]\.size"),
    "a child without a digest": (index(manifests=[without(descriptor(), "digest")]), None, r"manifests\[0\]\.digest"),
    "a config that is a list": (image(config=[]), None, "config is not a descriptor"),
    "a subject that is text": (image(subject="sha256:" + "0" * 64), None, "subject is not a descriptor"),
    "annotations of numbers": (image(annotations={"a": 1}), None, "annotations is not a map of strings"),
    "an artifactType of numbers": (image(artifactType=1), None, "artifactType is not a printable string"),
    "an artifactType with NUL": (image(artifactType="a/b\0"), None, "artifactType is not a printable string"),
}


@pytest.mark.parametrize(("body", "content_type", "reason"), REFUSED.values(), ids=REFUSED.keys())
def test_what_is_wrong_with_a_manifest_is_said(body: dict[str, Any], content_type: str | None, reason: str) -> None:
    with pytest.raises(InvalidManifest, match=reason):
        parse(encode(body), content_type)


def check(raw: bytes, content_type: str | None) -> None:
    """Parse, and see that what comes out can be stored and replayed; nothing else than a refusal may be raised."""
    try:
        parsed = parse(raw, content_type)
    except InvalidManifest as error:
        refusal = str(error)
    else:
        storable(parsed)
        return
    assert 0 < len(refusal) < 250


def storable(parsed: Manifest | Index) -> None:
    """See that a database and a header can hold what was parsed."""
    assert MEDIA_TYPE.fullmatch(parsed.media_type)
    assert all(DIGEST.fullmatch(str(one.descriptor.digest)) for one in parsed.references)
    assert all(0 <= one.descriptor.size <= LARGEST for one in parsed.references)
    assert all(isinstance(one, str) for pair in parsed.annotations.items() for one in pair)
    (parsed.artifact_type or "").encode()


content_types = st.sampled_from([None, "", "application/json", OCI_MANIFEST, OCI_INDEX, ARTIFACT]) | st.text()
fields = st.sampled_from(
    ["schemaVersion", "mediaType", "config", "layers", "manifests", "subject", "artifactType", "annotations", "other"]
)
descriptors = st.fixed_dictionaries(
    {"mediaType": st.sampled_from([LAYER, OCI_MANIFEST]), "digest": st.just("sha256:" + "0" * 64), "size": values}
)


@given(st.binary(), content_types)
def test_any_bytes_are_a_manifest_or_refused(raw: bytes, content_type: str | None) -> None:
    check(raw, content_type)


@given(st.dictionaries(fields, values | descriptors | st.lists(descriptors)), content_types)
def test_any_object_is_a_manifest_or_refused(body: dict[str, object], content_type: str | None) -> None:
    check(encode({"schemaVersion": 2} | body), content_type)


@given(st.sampled_from([image(), index()]), fields, values | descriptors | st.lists(descriptors), content_types)
def test_a_manifest_with_any_one_field_changed_is_taken_or_refused(
    body: dict[str, Any], field: str, value: object, content_type: str | None
) -> None:
    check(encode(body | {field: value}), content_type)


@given(st.data())
def test_a_manifest_with_bytes_changed_is_taken_or_refused(data: st.DataObject) -> None:
    raw = bytearray(encode(image(subject=descriptor("5"), annotations={"a": "b"})))
    for place in data.draw(st.lists(st.integers(0, len(raw) - 1), max_size=4)):
        raw[place] = data.draw(st.integers(0, 255))
    check(bytes(raw), None)
