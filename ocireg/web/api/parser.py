"""Bodies and queries of the REST API, before any field is looked at: bounded, JSON and nothing else, and whole."""

import json
from collections.abc import Iterator, Mapping
from typing import Any, NoReturn

from flask import Request
from marshmallow import RAISE, ValidationError
from webargs.flaskparser import FlaskParser
from webargs.multidictproxy import MultiDictProxy

from ocireg.errors import BodyTooLarge
from ocireg.metadata.printable import printable
from ocireg.web.body import read_body
from ocireg.web.problems import Fault, Problem

LIMIT = 128 * 1024
"""Bytes of a body: the longest OIDC policy fits, escaped."""
TOLD = 20
"""Faults of one answer."""
_CODES = {"Unknown field.": "unknown_field", "Missing data for required field.": "missing_field"}


class Parser(FlaskParser):
    """Takes what was sent, or says by field what is wrong with it."""

    DEFAULT_UNKNOWN_BY_LOCATION = {"json": RAISE, "query": RAISE}  # noqa: RUF012 - as webargs has it

    def load_json(self, req: Request, schema: Any) -> Any:  # noqa: ARG002 - as webargs calls it
        """Return the value of the body. 400, 413, 415."""
        if req.mimetype != "application/json":
            raise Problem(415, "the body must be application/json")
        try:
            value = json.loads(_body(req), parse_constant=_no_number)
            json.dumps(value, ensure_ascii=False).encode()  # JSON can carry halves of characters, which nothing keeps
        except (ValueError, RecursionError) as error:
            raise Problem(400, "the body is not JSON") from error
        return value

    def load_querystring(self, req: Request, schema: Any) -> Any:
        """Return the query, in which nothing is said twice. 422."""
        twice = [name for name, said in req.args.lists() if len(said) > 1]
        if twice:
            raise Problem(
                422, "the query is not valid", [_fault((name,), "It is said twice.") for name in twice[:TOLD]]
            )
        return MultiDictProxy(req.args, schema)

    def handle_error(self, error: ValidationError, *_: Any, **__: Any) -> NoReturn:
        """Say what is wrong, by field. 422."""
        messages: Any = error.messages
        (where, found), *_rest = messages.items()
        faults = [fault for fault, _ in zip(_faults((), found), range(TOLD), strict=False)]
        raise Problem(422, "the body is not valid" if where == "json" else "the query is not valid", faults) from None


def _body(req: Request) -> bytes:
    too_large = Problem(413, f"a body has at most {LIMIT} bytes here", headers={"Connection": "close"})
    if (req.content_length or 0) > LIMIT:
        raise too_large
    try:
        return b"".join(bytes(piece) for piece in read_body(req.environ, LIMIT))
    except BodyTooLarge as error:
        raise too_large from error


def _no_number(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")


def _faults(path: tuple[str, ...], found: Any) -> Iterator[Fault]:
    if isinstance(found, Mapping):
        for name, inside in found.items():
            yield from _faults((*path, str(name)) if name != "_schema" else path, inside)
    elif isinstance(found, list):
        for one in found:
            yield from _faults(path, one)
    else:
        yield _fault(path, str(found))


def _fault(path: tuple[str, ...], message: str) -> Fault:
    return Fault(printable(".".join(path), 100), _CODES.get(message, "invalid"), printable(message, 1000))
