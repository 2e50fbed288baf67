"""The table of errors that a client can meet, and the exceptions of every floor above ``backends``.

OCI distribution v1.1.1, "Error Codes" (code-1 to code-14) names the codes. Where a code of its own is missing (a
store that is down, a route that does not exist) the row says so; RANGE_INVALID, TAG_INVALID and
PAGINATION_NUMBER_INVALID of the Docker API are not OCI codes and are not used.
"""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ErrorCode:
    """One row: the code on the wire, the HTTP status, what it says when nothing better is said, and its clause."""

    code: str
    status: int
    message: str
    clause: str


BLOB_UNKNOWN = ErrorCode("BLOB_UNKNOWN", 404, "blob unknown to the repository", "code-1")
UPLOAD_INVALID = ErrorCode("BLOB_UPLOAD_INVALID", 400, "the upload cannot go on like this", "code-2")
UPLOAD_OUT_OF_ORDER = ErrorCode(
    "BLOB_UPLOAD_INVALID", 416, "the chunk does not begin where the upload ends", "code-2, end-5, end-6"
)
UPLOAD_UNKNOWN = ErrorCode("BLOB_UPLOAD_UNKNOWN", 404, "upload session unknown to the repository", "code-3")
DIGEST_INVALID = ErrorCode("DIGEST_INVALID", 400, "the digest is not that of the content", "code-4")
MANIFEST_BLOB_UNKNOWN = ErrorCode(
    "MANIFEST_BLOB_UNKNOWN", 400, "the manifest refers to content that the repository does not have", "code-5"
)
MANIFEST_INVALID = ErrorCode("MANIFEST_INVALID", 400, "the manifest is not valid", "code-6")
MANIFEST_UNKNOWN = ErrorCode("MANIFEST_UNKNOWN", 404, "manifest unknown to the repository", "code-7")
NAME_INVALID = ErrorCode("NAME_INVALID", 400, "the repository name is not valid", "code-8")
NAME_UNKNOWN = ErrorCode("NAME_UNKNOWN", 404, "repository unknown to the registry", "code-9")
SIZE_INVALID = ErrorCode("SIZE_INVALID", 400, "the length is not what was announced", "code-10")
BODY_INCOMPLETE = ErrorCode(
    "SIZE_INVALID", 408, "the request ended before its body was whole", "code-10, RFC 9110 15.5.9"
)
TOO_LARGE = ErrorCode("SIZE_INVALID", 413, "the content is larger than this registry accepts", "code-10, end-7")
RANGE_UNSATISFIABLE = ErrorCode("SIZE_INVALID", 416, "the range lies outside the blob", "code-10, RFC 9110 15.5.17")
TOO_MANY_TAGS = ErrorCode("UNSUPPORTED", 414, "more tags than this registry sets in one push", "code-13, end-7b")
UNAUTHORIZED = ErrorCode("UNAUTHORIZED", 401, "authentication required", "code-11")
DENIED = ErrorCode("DENIED", 403, "access to the resource is denied", "code-12")
QUOTA_EXCEEDED = ErrorCode("DENIED", 403, "the quota is used up", "code-12")
UNSUPPORTED = ErrorCode("UNSUPPORTED", 405, "the operation is not supported here", "code-13")
READ_ONLY = ErrorCode("UNSUPPORTED", 405, "this registry is read-only at the moment", "code-13")
BAD_REQUEST = ErrorCode("UNSUPPORTED", 400, "the request is not understood", "code-13")
ROUTE_UNKNOWN = ErrorCode("UNSUPPORTED", 404, "there is no such end-point", "code-13")
TOO_MANY_REQUESTS = ErrorCode("TOOMANYREQUESTS", 429, "too many requests", "code-14")
UNKNOWN = ErrorCode("UNKNOWN", 500, "the registry failed; its log says why", "none: Docker's UNKNOWN")
UNAVAILABLE = ErrorCode("UNAVAILABLE", 503, "the registry cannot do this now", "none: Docker's UNAVAILABLE")
LOST = ErrorCode("UNAVAILABLE", 503, "the store has lost this blob: push it again", "none: Docker's UNAVAILABLE")
STORAGE_FULL = ErrorCode(
    "UNAVAILABLE", 507, "the registry has no room left; pulls and deletes go on", "none: RFC 4918 11.5"
)

CODES: tuple[ErrorCode, ...] = tuple(row for row in list(globals().values()) if isinstance(row, ErrorCode))


class OperatorError(Exception):
    """A mistake that an operator can mend: the message is one line that says what to do.

    ``setting`` names the setting to mend, where the message does not say whence its value came.
    """

    def __init__(self, message: str, *, setting: str = "") -> None:
        super().__init__(message)
        self.setting = setting


class ClientGone(Exception):  # noqa: N818 - an event, not a failure of ours
    """The client vanished, or stalled past the time-out, before its request body was whole."""


class BodyTooLarge(Exception):  # noqa: N818 - likewise
    """A request body has more bytes than its reader takes."""


class RegistryError(Exception):
    """A request that fails with a row of the table.

    ``detail`` is anything that JSON holds; ``headers`` are what the answer must carry beside it (``Range``,
    ``Retry-After``).
    ``others`` are further errors of the same answer, for "one error per missing item".
    """

    def __init__(
        self,
        error: ErrorCode,
        message: str = "",
        *,
        detail: object = None,
        headers: Mapping[str, str] | None = None,
        others: "tuple[RegistryError, ...]" = (),
    ) -> None:
        super().__init__(message or error.message)
        self.error = error
        self.message = message or error.message
        self.detail = detail
        self.headers = dict(headers or {})
        self.others = others

    def body(self) -> dict[str, object]:
        """Return the JSON of the answer (OCI distribution v1.1.1, "Error Codes")."""
        return {
            "errors": [
                {"code": one.error.code, "message": one.message, "detail": one.detail} for one in (self, *self.others)
            ]
        }
