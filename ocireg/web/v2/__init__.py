"""The OCI distribution protocol, and what Docker's adds to it: a thin blueprint over the use-cases.

One route takes every path below ``/v2/``; ``endpoints`` says which resource it is, and the table below who answers.
"""

from collections.abc import Callable

from flask import Blueprint, Response, request

from ocireg.errors import READ_ONLY, ROUTE_UNKNOWN, UNSUPPORTED, RegistryError
from ocireg.web.rules import PUBLIC, Rules
from ocireg.web.v2 import base, blobs, catalog, endpoints, guard, manifests, parse, referrers, tags, uploads
from ocireg.web.v2.context import Context
from ocireg.web.v2.endpoints import Match

Handler = Callable[[Context, str, str], Response]

HANDLERS: dict[tuple[str, str], Handler] = {
    ("base", "GET"): base.show,
    ("catalog", "GET"): catalog.show,
    ("blob", "GET"): blobs.read,
    ("blob", "HEAD"): blobs.describe,
    ("blob", "DELETE"): blobs.delete,
    ("uploads", "POST"): uploads.start,
    ("upload", "GET"): uploads.status,
    ("upload", "PATCH"): uploads.append,
    ("upload", "PUT"): uploads.finish,
    ("upload", "DELETE"): uploads.cancel,
    ("manifest", "GET"): manifests.read,
    ("manifest", "HEAD"): manifests.describe,
    ("manifest", "PUT"): manifests.push,
    ("manifest", "DELETE"): manifests.delete,
    ("tags", "GET"): tags.show,
    ("referrers", "GET"): referrers.show,
}
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def blueprint(context: Context, rules: Rules) -> Blueprint:
    """Return the blueprint of ``/v2/``."""
    found = Blueprint("v2", __name__)

    def serve(path: str = "") -> Response:
        return _serve(context, path)

    for rule in ("/v2", "/v2/", "/v2/<path:path>"):
        found.add_url_rule(rule, "serve", serve, methods=METHODS, provide_automatic_options=False)
    rules.add("v2.serve", PUBLIC)  # what each end-point needs is in the table: ``_admit`` asks it
    found.after_request(_say_what_we_are)
    return found


def _serve(context: Context, path: str) -> Response:
    match = endpoints.match(path)
    if match is None:
        raise RegistryError(ROUTE_UNKNOWN)
    handler = HANDLERS.get((match.resource, request.method))
    if handler is None and request.method == "HEAD":
        handler = HANDLERS.get((match.resource, "GET"))
    if handler is None:
        raise RegistryError(UNSUPPORTED, headers={"Allow": ", ".join(endpoints.methods(match.resource))})
    if context.settings.read_only and request.method not in {"GET", "HEAD"}:
        raise RegistryError(READ_ONLY, headers={"Allow": "GET, HEAD"})
    name = parse.repository(match.name) if match.name else ""
    return _admit(context, match, name, handler)


def _admit(context: Context, match: Match, name: str, handler: Handler) -> Response:
    """Find out who asks, and let them do what the table of end-points says that this is."""
    action = endpoints.action(match.resource, request.method)
    who = guard.identify_for(context, action, name)
    if not name:
        guard.enter(context, who, action)
        return handler(context, name, match.argument)
    begins = match.resource != "upload"  # which goes on with what was begun
    return guard.require(context, who, action, name, handler, match.argument, begins=begins)


def _say_what_we_are(response: Response) -> Response:
    """Docker takes an answer without this header for one that is not a registry's."""
    response.headers["Docker-Distribution-API-Version"] = "registry/2.0"
    return response
