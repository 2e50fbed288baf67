"""Every error has a form: JSON for programs, a page for people; also Flask's own, and what nobody foresaw."""

import logging

from flask import Flask, Response, has_request_context, json, request
from werkzeug.exceptions import HTTPException

from ocireg.auth.manage.errors import ChangeError
from ocireg.errors import (
    BAD_REQUEST,
    BODY_INCOMPLETE,
    NAME_INVALID,
    ROUTE_UNKNOWN,
    TOO_LARGE,
    UNKNOWN,
    UNSUPPORTED,
    ClientGone,
    ErrorCode,
    RegistryError,
)
from ocireg.web import problems
from ocireg.web.pages import failures
from ocireg.web.problems import Problem
from ocireg.web.spaces import is_page

log = logging.getLogger(__name__)

NO_PAGE = "there is no such page"
_BY_STATUS = {404: ROUTE_UNKNOWN, 405: UNSUPPORTED, 413: TOO_LARGE}


def register(app: Flask) -> None:
    """Let the application answer errors as OCI distribution v1.1.1, "Error Codes", wants them.

    Those of the REST API have a form of their own (``problems.py``).
    """
    app.register_error_handler(RegistryError, answer)
    app.register_error_handler(Problem, _problem)
    app.register_error_handler(ChangeError, _change_error)
    app.register_error_handler(ClientGone, _client_gone)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unforeseen)


def answer(error: RegistryError) -> Response:
    """Return the answer to a request that failed with a row of the table.

    One of ours is a line in the log, with its cause: a traceback would tell nothing of a disk that is full.
    """
    if error.error.status >= 500:
        log.error("%s %s: %s", request.method, request.path.encode("unicode_escape").decode(), with_cause(error))
    if not _is_protocol():
        return _problem(problems.of_registry(error))
    headers = {**error.headers, "Content-Type": "application/json"}
    return Response(_compact(error), error.error.status, headers)


def _is_protocol() -> bool:
    """Say whether it is neither a request to the REST API nor one for a page."""
    return not problems.is_wanted() and not (has_request_context() and is_page(request.path))


def _problem(problem: Problem) -> Response:
    """Answer as whoever asks reads it: a program, or a person."""
    return problems.answer(problem) if problems.is_wanted() else failures.answer(problem)


def with_cause(error: RegistryError) -> str:
    """Return what the log is told of an error, on one line."""
    cause = error.__cause__
    if cause is None:
        return error.message
    said = str(cause).replace("\n", " ")
    return f"{error.message}: {said}" if said else f"{error.message}: {type(cause).__name__}"


def _compact(error: RegistryError) -> str:
    return json.dumps(error.body(), separators=(",", ":"))


def _http_error(error: HTTPException) -> Response:
    status = error.code or 500
    row = _BY_STATUS.get(status, BAD_REQUEST)
    message = NO_PAGE if status == 404 and is_page(request.path) else row.message
    row = ErrorCode(row.code, status, message, row.clause)
    kept = {name: value for name, value in error.get_headers() if name in {"Allow", "Retry-After"}}
    return answer(RegistryError(row, headers=kept))


def _change_error(error: ChangeError) -> Response:
    """Answer a change that cannot be made. A push makes registries too, whose names cannot be all that images' can."""
    if not _is_protocol():
        return _problem(problems.of_change(error))
    return answer(RegistryError(NAME_INVALID, error.message))


def _client_gone(error: ClientGone) -> Response:
    """Answer for the log, and for a client that stalled and may still listen."""
    return answer(RegistryError(BODY_INCOMPLETE, str(error), headers={"Connection": "close"}))


def _unforeseen(error: Exception) -> Response:
    """Answer what nobody foresaw: the log is told of our inside, and the client is not."""
    log.error("unforeseen error", exc_info=error)
    if not _is_protocol():
        return _problem(problems.of_registry(RegistryError(UNKNOWN)))
    return Response(_compact(RegistryError(UNKNOWN)), UNKNOWN.status, {"Content-Type": "application/json"})
