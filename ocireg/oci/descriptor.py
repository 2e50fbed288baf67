"""Descriptors: what a manifest says of each thing it refers to (OCI image v1.1, descriptor.md)."""

from collections.abc import Mapping
from dataclasses import dataclass

from ocireg.oci.digest import Digest
from ocireg.oci.errors import InvalidDigest, InvalidManifest
from ocireg.oci.grammar import DESCRIBED_TYPE, MEDIA_TYPE_LENGTH
from ocireg.oci.platform import Platform

LARGEST = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Descriptor:
    """A media type, a digest, and a size in bytes; fields that the registry has no use for are left out.

    ``platform`` is what the descriptor of an index says; one that makes no sense is none.
    """

    media_type: str
    digest: Digest
    size: int
    annotations: Mapping[str, str]
    artifact_type: str | None
    urls: tuple[str, ...]
    platform: Platform | None = None

    @classmethod
    def parse(cls, value: object, where: str) -> "Descriptor":
        """Return the descriptor found at ``where`` in a manifest. ``InvalidManifest``.

        The digest may be of an algorithm that is not supported: the content is not here then, which only a subject or
        a foreign layer need not be.
        """
        if not isinstance(value, dict):
            raise InvalidManifest(f"{where} is not a descriptor")
        size = value.get("size")
        if type(size) is not int or not 0 <= size <= LARGEST:
            raise InvalidManifest(f"{where}.size is not a number of bytes")
        digest = value.get("digest")
        try:
            parsed = Digest.parse_any(digest if isinstance(digest, str) else "")
        except InvalidDigest as error:
            raise InvalidManifest(f"{where}.digest: {error}") from error
        urls = [] if value.get("urls") is None else value["urls"]
        if not isinstance(urls, list) or not all(isinstance(one, str) for one in urls):
            raise InvalidManifest(f"{where}.urls is not a list of strings")
        return cls(
            media_type=_media_type(value.get("mediaType"), f"{where}.mediaType"),
            digest=parsed,
            size=size,
            annotations=annotations(value.get("annotations"), f"{where}.annotations"),
            artifact_type=optional_text(value.get("artifactType"), f"{where}.artifactType"),
            urls=tuple(urls),
            platform=Platform.parse(value.get("platform")),
        )


def _media_type(value: object, where: str) -> str:
    if not isinstance(value, str) or len(value) > MEDIA_TYPE_LENGTH or not DESCRIBED_TYPE.fullmatch(value):
        raise InvalidManifest(f"{where} is not a media type")
    return value


def annotations(value: object, where: str) -> dict[str, str]:
    """Return annotations; null, as some clients write nothing, is none. ``InvalidManifest``."""
    if value is None:
        return {}
    if not isinstance(value, dict) or not all(isinstance(one, str) for one in value.values()):
        raise InvalidManifest(f"{where} is not a map of strings")
    return value


def optional_text(value: object, where: str) -> str | None:
    """Return a string, or None for none or an empty one. ``InvalidManifest``.

    Control characters are refused: some databases do not store NUL.
    """
    if value is not None and not (isinstance(value, str) and value.isprintable()):
        raise InvalidManifest(f"{where} is not a printable string")
    if value is not None and len(value) > MEDIA_TYPE_LENGTH:
        raise InvalidManifest(f"{where} is longer than {MEDIA_TYPE_LENGTH} characters")
    return value or None
