"""What a manifest is, in a word."""

import pytest

from ocireg.oci.media_types import (
    DOCKER_CONFIG,
    DOCKER_LIST,
    DOCKER_MANIFEST,
    DOCKER_SCHEMA1,
    OCI_CONFIG,
    OCI_EMPTY,
    OCI_INDEX,
    OCI_MANIFEST,
)
from ocireg.web.pages.kinds import kind, pull

CHART = "application/vnd.cncf.helm.config.v1+json"


@pytest.mark.parametrize(
    ("media_type", "artifact_type", "word"),
    [
        (OCI_MANIFEST, OCI_CONFIG, "Image"),
        (DOCKER_MANIFEST, DOCKER_CONFIG, "Image"),
        (DOCKER_SCHEMA1, None, "Image"),
        (OCI_INDEX, None, "Multi-platform"),
        (DOCKER_LIST, None, "Multi-platform"),
        (OCI_INDEX, "application/vnd.example", "Artifact"),
        (OCI_MANIFEST, CHART, "Helm chart"),
        (OCI_MANIFEST, "application/spdx+json", "SBOM"),
        (OCI_MANIFEST, OCI_EMPTY, "Artifact"),
        (OCI_MANIFEST, "<script>", "Artifact"),
        (OCI_MANIFEST, None, "Artifact"),
    ],
)
def test_types_tell_what_it_is(media_type: str, artifact_type: str | None, word: str) -> None:
    assert kind(media_type, artifact_type) == word


@pytest.mark.parametrize(
    ("what", "command"),
    [
        ("Image", "docker pull host/a:1"),
        ("Multi-platform", "docker pull host/a:1"),
        ("Helm chart", "helm pull oci://host/a --version 1"),
        ("SBOM", "oras pull host/a:1"),
    ],
)
def test_each_is_pulled_by_a_tool_that_takes_it(what: str, command: str) -> None:
    assert pull("host", "a", "1", what) == command


@pytest.mark.parametrize(
    ("what", "command"),
    [
        ("Image", "docker pull host/a:1_b"),
        ("Helm chart", "helm pull oci://host/a --version 1+b --plain-http"),
        ("SBOM", "oras pull --plain-http host/a:1_b"),
    ],
)
def test_a_tool_is_told_of_plain_http_and_a_chart_of_its_version(what: str, command: str) -> None:
    assert pull("host", "a", "1_b", what, https=False) == command
