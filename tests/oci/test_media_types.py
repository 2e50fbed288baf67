"""Media types (RFC 9110 section 8.3)."""

import pytest

from ocireg.oci.media_types import OCI_MANIFEST, essence


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (None, ""),
        ("", ""),
        (OCI_MANIFEST, OCI_MANIFEST),
        (OCI_MANIFEST + "; charset=utf-8", OCI_MANIFEST),
        (OCI_MANIFEST + ";charset=utf-8;q=1", OCI_MANIFEST),
        ("  " + OCI_MANIFEST.upper() + "  ", OCI_MANIFEST),
        ("; charset=utf-8", ""),
    ],
)
def test_the_essence_of_a_content_type_is_lower_case_and_without_parameters(header: str | None, expected: str) -> None:
    assert essence(header) == expected
