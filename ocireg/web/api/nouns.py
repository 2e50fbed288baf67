"""How a noun of the API is declared: every operation with its door, what it takes and what it answers, in one place.

An operation that names no door cannot be declared, and what is not declared here is in no description.
"""

import hashlib
from collections.abc import Callable
from copy import deepcopy
from http import HTTPStatus
from typing import Any, TypeVar

from flask import Response, request
from flask_smorest import Blueprint
from marshmallow import Schema
from werkzeug.http import unquote_etag

from ocireg.auth.access import RULES
from ocireg.errors import READ_ONLY, RegistryError
from ocireg.web.api.parser import Parser
from ocireg.web.api.paths import PARAMETERS
from ocireg.web.asked import asked
from ocireg.web.doors import Door, instance
from ocireg.web.problems import Problem
from ocireg.web.rules import Rules

View = Callable[..., Any]
V = TypeVar("V", bound=View)

PREFIX = "/api/v1"
ROOT_REGISTRY, A_REGISTRY = "/registries/root", "/registries/<slug:organization>/<registry>"
PLACES = ("organization", "registry", "repository")
"""What of a path the door has found already."""
TAKING = {"POST", "PUT", "PATCH"}
CONDITIONAL = {"PUT", "PATCH", "DELETE"}
_COMMON = (429, 500, 503)


class Noun(Blueprint):  # type: ignore[misc] # it has no types
    """The operations of a noun, and its paragraph of the description."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, title: str, description: str) -> None:
        super().__init__(f"api-{title.lower().replace(' ', '-')}", __name__, description=description)
        self.title = title
        self.doors: dict[str, Door] = {}
        self._readers: dict[str, View] = {}

    def operation(
        self,
        method: str,
        path: str,
        door: Door,
        *,
        answer: type[Schema] | Schema | None = None,
        status: int = 200,
        also: int | None = None,
        query: type[Schema] | None = None,
        body: type[Schema] | None = None,
        changes: bool = True,
        conflicts: bool = False,
    ) -> Callable[[V], V]:
        """Declare an operation. The view is called with what is asked for, then the query, the body, the path by name.

        Where the path begins with that of a registry, it is the root registry's too. ``changes``: nothing of it goes
        where all is read-only. ``conflicts``: it can stand against what is there. ``also``: another status of an
        answer of the same form.
        """

        def declare(view: V) -> V:
            described = self._described(view, method, path, door, answer, (status, also), query, body, conflicts)
            paths = [path, ROOT_REGISTRY + path.removeprefix(A_REGISTRY)] if path.startswith(A_REGISTRY) else [path]
            for one in paths:
                self._add(method, one, door, described, changes=changes)
            return view

        return declare

    def register_doors(self, rules: Rules) -> None:
        """Let every operation be asked for by its door alone."""
        for endpoint, door in self.doors.items():
            rules.add(f"{self.name}.{endpoint}", door.ask)

    def _described(
        self,
        view: View,
        method: str,
        path: str,
        door: Door,
        answer: type[Schema] | Schema | None,
        statuses: tuple[int, int | None],
        query: type[Schema] | None,
        body: type[Schema] | None,
        conflicts: bool,
    ) -> View:
        def call(*parsed: Any, **path: Any) -> Any:
            return view(asked(), *parsed, **{name: value for name, value in path.items() if name not in PLACES})

        call.__doc__, call.__name__ = view.__doc__, view.__name__
        status, also = statuses
        found = self.response(status if answer else 204, answer)(call)
        if also is not None:
            found = self.alt_response(also, schema=answer)(found)
        if query is not None:
            found = self.arguments(query, location="query")(found)
        if body is not None:
            found = self.arguments(body, location="json")(found)
        for one in _errors(method, path, door, query=query, body=body, conflicts=conflicts):
            found = self.alt_response(one, response=HTTPStatus(one).name)(found)
        if method == "GET":
            found = self.alt_response(304, response=HTTPStatus.NOT_MODIFIED.name)(found)
        security: list[dict[str, list[str]]] = [{"basic": []}, {"secret": []}]
        about = [{}, *security] if door.everybody or _is_for_all(door) else security
        return self.doc(security=about)(found)  # type: ignore[no-any-return] # of a library without types

    def _add(self, method: str, path: str, door: Door, described: View, *, changes: bool) -> None:
        key = path.replace("/<slug:organization>/<registry>", "/{registry}", 1)

        def serve(**path_of_it: Any) -> Response:
            if method != "GET" and changes and asked().context.settings.read_only:
                raise RegistryError(READ_ONLY, headers={"Allow": "GET, HEAD"})
            if method in CONDITIONAL and "If-Match" in request.headers:
                self._require_match(key, path_of_it)
            found: Response = described(**path_of_it)
            return _with_etag(found) if method == "GET" else found

        suffix = "_of_root" if path.startswith(ROOT_REGISTRY) else ""
        serve.__name__ = f"{described.__name__}{suffix}"
        serve.__doc__ = described.__doc__
        serve._apidoc = self._named(described, serve.__name__)  # type: ignore[attr-defined] # noqa: SLF001 - where flask-smorest keeps it
        serve.provide_automatic_options = False  # type: ignore[attr-defined] # OPTIONS tells nothing here
        if method == "GET":
            self._readers[key] = described
        parameters = [dict(PARAMETERS[name]) for name in PARAMETERS if f"{name}>" in path]
        endpoint = serve.__name__
        self.add_url_rule(path, endpoint, serve, methods=[method], parameters=parameters, tags=[self.title])
        self.doors[endpoint] = door

    @staticmethod
    def _named(described: View, name: str) -> dict[str, Any]:
        found: dict[str, Any] = deepcopy(described._apidoc)  # type: ignore[attr-defined] # noqa: SLF001 - likewise
        found["manual_doc"]["operationId"] = name
        return found

    def _require_match(self, key: str, path: dict[str, Any]) -> None:
        """Compare ``If-Match`` with what is there now (RFC 9110 section 13.1.1). 412."""
        reader = self._readers.get(key)
        if reader is None:
            raise Problem(412, "If-Match goes with what can be read, and this cannot")
        current, _ = unquote_etag(_with_tag(reader(**path)).headers["ETag"])
        if not request.if_match.contains(current or ""):
            raise Problem(412, "it has changed since it was read")


def _with_tag(response: Response) -> Response:
    response.set_etag(hashlib.sha256(response.get_data()).hexdigest()[:32])
    return response


def _with_etag(response: Response) -> Response:
    """Let an answer be compared by its content, and be none where the client has it (RFC 9110 section 13.1.2)."""
    tagged = _with_tag(response)
    tagged.headers["Cache-Control"] = "private, no-cache"
    tagged.headers["Vary"] = "Authorization"
    if request.if_none_match.contains_weak(tagged.get_etag()[0] or ""):
        tagged.status_code = 304
        tagged.set_data(b"")
        del tagged.headers["Content-Type"]
    return tagged


def _is_for_all(door: Door) -> bool:
    return door.action is not None and RULES[door.action].public


def _errors(method: str, path: str, door: Door, *, query: object, body: object, conflicts: bool) -> list[int]:
    """Return the statuses of the errors that an operation can have."""
    found = {401, *_COMMON}
    if not door.everybody:
        found.add(403)
    if "<" in path or door.on is not instance:
        found.add(404)
    if conflicts:
        found.add(409)
    if method in CONDITIONAL:
        found.add(412)
    if query is not None or body is not None or method != "GET":
        found.add(422)
    if body is not None:
        found |= {400, 413, 415}
    if method != "GET":
        found |= {405, 507}
    return sorted(found)
