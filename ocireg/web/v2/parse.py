"""Values from requests: each is checked here, and what is wrong with it becomes a row of the error table."""

from flask import Request

from ocireg.errors import (
    BAD_REQUEST,
    DIGEST_INVALID,
    MANIFEST_INVALID,
    MANIFEST_UNKNOWN,
    NAME_INVALID,
    SIZE_INVALID,
    UPLOAD_INVALID,
    RegistryError,
)
from ocireg.oci.digest import ALGORITHMS, Digest
from ocireg.oci.errors import (
    InvalidContentRange,
    InvalidDigest,
    InvalidName,
    InvalidPageSize,
    InvalidTag,
)
from ocireg.oci.pages import parse_n
from ocireg.oci.ranges import parse_content_range
from ocireg.oci.reference import parse_reference, parse_repository, parse_tag
from ocireg.registry.claims import Chunk
from ocireg.web.body import read_body


def repository(text: str) -> str:
    """Return a repository name. NAME_INVALID."""
    try:
        return parse_repository(text)
    except InvalidName as error:
        raise RegistryError(NAME_INVALID, str(error)) from error


def digest(text: str | None) -> Digest:
    """Return a digest. DIGEST_INVALID."""
    try:
        return Digest.parse(text or "")
    except InvalidDigest as error:
        raise RegistryError(DIGEST_INVALID, str(error)) from error


def reference(text: str, *, reading: bool) -> Digest | str:
    """Return a digest or a tag.

    What can be neither is MANIFEST_UNKNOWN to a reader (the conformance suites want 404) and MANIFEST_INVALID to a
    writer; a bad digest is DIGEST_INVALID to both.
    """
    try:
        return parse_reference(text)
    except InvalidDigest as error:
        raise RegistryError(DIGEST_INVALID, str(error)) from error
    except InvalidTag as error:
        raise RegistryError(MANIFEST_UNKNOWN if reading else MANIFEST_INVALID, str(error)) from error


def tag(text: str) -> str:
    """Return a tag. MANIFEST_INVALID."""
    try:
        return parse_tag(text)
    except InvalidTag as error:
        raise RegistryError(MANIFEST_INVALID, str(error)) from error


def algorithm(text: str) -> str:
    """Return an algorithm that digests may have here (end-4c). DIGEST_INVALID."""
    if text not in ALGORITHMS:
        raise RegistryError(DIGEST_INVALID, f"digest-algorithm must be one of {', '.join(ALGORITHMS)}")
    return text


def page_size(request: Request, *, default: int, cap: int) -> int:
    """Return how many items the client wants: ``n``, at most ``cap``."""
    try:
        found = parse_n(request.args.get("n"), default, cap)
    except InvalidPageSize as error:
        raise RegistryError(BAD_REQUEST, str(error)) from error
    return default if found is None else found


def chunk(request: Request) -> Chunk:
    """Return the request's body as a chunk of an upload (end-5, end-6). BLOB_UPLOAD_INVALID, SIZE_INVALID."""
    length = request.content_length
    header = request.headers.get("Content-Range")
    start = None
    if header is not None:
        try:
            announced = parse_content_range(header)
        except InvalidContentRange as error:
            raise RegistryError(UPLOAD_INVALID, str(error)) from error
        start = announced.start
        if length not in (None, announced.stop - announced.start):
            raise RegistryError(SIZE_INVALID, "Content-Range and Content-Length do not agree")
        length = announced.stop - announced.start
    return Chunk(read_body(request.environ, None), start, length)
