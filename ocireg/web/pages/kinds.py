"""What a manifest is, in a word, as far as its types tell; and how one is pulled."""

from ocireg.oci.media_types import (
    DOCKER_CONFIG,
    DOCKER_LIST,
    DOCKER_SCHEMA1,
    DOCKER_SCHEMA1_SIGNED,
    OCI_CONFIG,
    OCI_INDEX,
)

IMAGE, INDEX, CHART, ARTIFACT = "Image", "Multi-platform", "Helm chart", "Artifact"
_BY_MEDIA_TYPE = {DOCKER_LIST: INDEX, OCI_INDEX: INDEX, DOCKER_SCHEMA1: IMAGE, DOCKER_SCHEMA1_SIGNED: IMAGE}
_BY_ARTIFACT_TYPE = {
    DOCKER_CONFIG: IMAGE,
    OCI_CONFIG: IMAGE,
    "application/vnd.cncf.helm.config.v1+json": CHART,
    "application/vnd.wasm.config.v0+json": "WebAssembly",
    "application/vnd.dev.cosign.artifact.sig.v1+json": "Signature",
    "application/vnd.dev.sigstore.bundle.v0.3+json": "Signature",
    "application/vnd.cncf.notary.signature": "Signature",
    "application/spdx+json": "SBOM",
    "application/vnd.cyclonedx+json": "SBOM",
    "application/vnd.in-toto+json": "Attestation",
}


def kind(media_type: str, artifact_type: str | None) -> str:
    """Return the word."""
    if media_type in _BY_MEDIA_TYPE and artifact_type is None:
        return _BY_MEDIA_TYPE[media_type]
    return _BY_ARTIFACT_TYPE.get(artifact_type or "", ARTIFACT)


def pull(host: str, repository: str, tag: str, what: str, *, https: bool = True) -> str:
    """Return the command that pulls a tag of a repository; ``what`` is its word, ``https``: the host speaks it."""
    plain = "" if https else " --plain-http"
    if what == CHART:
        return f"helm pull oci://{host}/{repository} --version {tag.replace('_', '+')}{plain}"
    tool = "docker pull" if what in {IMAGE, INDEX} else f"oras pull{plain}"
    return f"{tool} {host}/{repository}:{tag}"
