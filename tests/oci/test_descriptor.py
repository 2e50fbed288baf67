"""Descriptors (OCI image v1.1, descriptor.md)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocireg.oci.descriptor import LARGEST, Descriptor
from ocireg.oci.errors import InvalidManifest
from tests.oci.samples import descriptor
from tests.oci.test_document import values

BLAKE3 = "blake3:" + "ab" * 32

TAKEN = [
    {"size": 0},
    {"size": LARGEST},
    {"digest": "sha512:" + "0" * 128},
    {"digest": BLAKE3},
    {"mediaType": "application/octet-stream"},
    {"mediaType": "application/vnd.cncf.helm.chart.content.v1.tar+gzip"},
    {"mediaType": "text/plain; charset=utf-8"},
    {"mediaType": "a/b"},
    {"annotations": None, "urls": None, "artifactType": None, "platform": None, "data": None},
    {"annotations": {}, "urls": [], "artifactType": ""},
    {"platform": {"os": "unknown", "architecture": "unknown"}},
    {"platform": "any value: it is not looked at"},
    {"data": "bm90IGxvb2tlZCBhdA==", "newField": [1, {"deep": None}]},
]
REFUSED = [
    ("size", None),
    ("size", -1),
    ("size", LARGEST + 1),
    ("size", 10**4000),
    ("size", "7"),
    ("size", 7.0),
    ("size", True),
    ("digest", None),
    ("digest", ""),
    ("digest", 7),
    ("digest", "sha256:baddigeststring"),
    ("digest", "sha256:" + "A" * 64),
    ("digest", "blake3:" + "a" * 1000),
    ("digest", ["sha256:" + "0" * 64]),
    ("mediaType", None),
    ("mediaType", ""),
    ("mediaType", 7),
    ("mediaType", "tar"),
    ("mediaType", "/"),
    ("mediaType", "a/b/c"),
    ("mediaType", "a/b\r\nSet-Cookie: c"),
    ("mediaType", "a/b; c\n"),
    ("mediaType", "a/" + "b" * 128),
    ("mediaType", "a/b" + " " * 1_000_000 + "; c"),
    ("annotations", []),
    ("annotations", {"a": 1}),
    ("annotations", {"a": None}),
    ("artifactType", 7),
    ("artifactType", "a\0b"),
    ("artifactType", "a/" + "b" * 1279),
    ("artifactType", "\U0001f600" * 900_000),
    ("urls", "https://example.org"),
    ("urls", {}),
    ("urls", [None]),
]


def test_a_descriptor_is_understood() -> None:
    body = descriptor(
        "a", "a/b", size=9, annotations={"k": "v\n"}, artifactType="c/d", urls=["https://example.org/layer"]
    )
    parsed = Descriptor.parse(body, "layers[0]")
    assert str(parsed.digest) == body["digest"]
    assert (parsed.media_type, parsed.size, parsed.artifact_type) == ("a/b", 9, "c/d")
    assert parsed.annotations == {"k": "v\n"}
    assert parsed.urls == ("https://example.org/layer",)


@pytest.mark.parametrize("change", TAKEN, ids=str)
def test_odd_but_lawful_descriptors_are_taken(change: dict[str, object]) -> None:
    body = descriptor() | change
    parsed = Descriptor.parse(body, "config")
    assert (str(parsed.digest), parsed.media_type, parsed.size) == (body["digest"], body["mediaType"], body["size"])
    assert parsed.annotations == {}
    assert parsed.urls == ()
    assert parsed.artifact_type is None


@pytest.mark.parametrize(("field", "value"), REFUSED, ids=lambda value: repr(value)[:40])
def test_what_a_descriptor_must_not_say_is_refused_with_its_place(field: str, value: object) -> None:
    with pytest.raises(InvalidManifest) as caught:
        Descriptor.parse(descriptor() | {field: value}, "layers[3]")
    assert str(caught.value).startswith(f"layers[3].{field}")
    assert len(str(caught.value)) < 150


@pytest.mark.parametrize("value", [None, [], "sha256:" + "0" * 64, 7])
def test_what_is_no_object_is_no_descriptor(value: object) -> None:
    with pytest.raises(InvalidManifest, match="subject is not a descriptor"):
        Descriptor.parse(value, "subject")


@given(st.sampled_from(["mediaType", "digest", "size", "annotations", "artifactType", "urls", "platform"]), values)
def test_any_value_of_any_field_is_taken_or_refused(field: str, value: object) -> None:
    try:
        parsed = Descriptor.parse(descriptor() | {field: value}, "config")
    except InvalidManifest:
        return
    assert 0 <= parsed.size <= LARGEST
    assert "\n" not in parsed.media_type
    assert all(isinstance(one, str) for one in parsed.urls)
    assert all(isinstance(one, str) for pair in parsed.annotations.items() for one in pair)
