"""Repository names and references (OCI distribution v1.1.1, "Pulling manifests")."""

from ocireg.oci.digest import Digest
from ocireg.oci.errors import InvalidName, InvalidTag
from ocireg.oci.grammar import REPOSITORY_NAME, REPOSITORY_NAME_LENGTH, TAG


def parse_repository(text: str) -> str:
    """Return ``text`` if it is a repository name. ``InvalidName``."""
    if len(text) > REPOSITORY_NAME_LENGTH:
        raise InvalidName(f"a repository name has at most {REPOSITORY_NAME_LENGTH} characters")
    if not REPOSITORY_NAME.fullmatch(text):
        raise InvalidName(
            "a repository name is parts of lower-case letters and digits, joined by '.', '_', '__' or '-', between '/'"
        )
    return text


def is_tag(text: str) -> bool:
    """Say whether ``text`` is a tag."""
    return TAG.fullmatch(text) is not None


def parse_tag(text: str) -> str:
    """Return ``text`` if it is a tag. ``InvalidTag``."""
    if not is_tag(text):
        raise InvalidTag("a tag is at most 128 letters, digits, '_', '.' and '-', and begins with neither '.' nor '-'")
    return text


def parse_reference(text: str) -> Digest | str:
    """Return the digest or the tag that ``text`` is. ``InvalidDigest`` where it has a colon, else ``InvalidTag``.

    ``sha256-<hex>``, under which clients look for referrers in older registries, is a tag like any other.
    """
    return Digest.parse(text) if ":" in text else parse_tag(text)
