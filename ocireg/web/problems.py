"""Errors of the REST API: what is wrong, in a sentence and by field, as every answer below ``/api/`` says it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import Response, has_request_context, json, request

from ocireg.auth.manage.errors import ChangeError, Conflict, Unknown
from ocireg.errors import RegistryError

ROOT = "/api"
CODES = {
    400: "bad_request",
    401: "unauthorized",
    403: "forbidden",
    404: "not_found",
    405: "method_not_allowed",
    408: "incomplete",
    409: "conflict",
    412: "precondition_failed",
    413: "too_large",
    415: "unsupported_media_type",
    422: "invalid",
    429: "too_many_requests",
    500: "failed",
    503: "unavailable",
    507: "full",
}
"""What a program reads, by status. A field that is unknown or missing has a code of its own."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong; ``field`` is "" where it is about no field."""

    field: str
    code: str
    message: str


class Problem(Exception):  # noqa: N818 - an answer, not a failure of ours
    """A request that is answered by an error. Without faults it is one, of no field, in the words of the message."""

    def __init__(
        self, status: int, message: str, faults: Sequence[Fault] = (), headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.faults = tuple(faults) or (Fault("", code_of(status), message),)
        self.headers = dict(headers or {})


def code_of(status: int) -> str:
    """Return what a program reads of a status."""
    return CODES.get(status, "failed" if status >= 500 else "bad_request")


def is_wanted() -> bool:
    """Say whether the request under way is one of the REST API."""
    return has_request_context() and (request.path == ROOT or request.path.startswith(f"{ROOT}/"))


def of_change(error: ChangeError) -> Problem:
    """Return what becomes of a change that cannot be made."""
    status = 404 if isinstance(error, Unknown) else 409 if isinstance(error, Conflict) else 422
    return Problem(status, error.message, [Fault(error.field, code_of(status), error.message)])


def of_registry(error: RegistryError) -> Problem:
    """Return what becomes of a row of the table of errors."""
    return Problem(error.error.status, error.message, headers=error.headers)


def answer(problem: Problem) -> Response:
    """Return the answer."""
    errors = [{"field": one.field, "code": one.code, "message": one.message} for one in problem.faults]
    body = json.dumps({"message": problem.message, "errors": errors}, separators=(",", ":"))
    return Response(body, problem.status, {**problem.headers, "Content-Type": "application/json"})
