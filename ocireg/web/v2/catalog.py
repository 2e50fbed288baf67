"""``GET /v2/_catalog`` (Docker's API): repositories in ASCII order, by pages."""

from flask import Response, jsonify, request

from ocireg.auth import access
from ocireg.oci.pages import next_link
from ocireg.web.caller import caller
from ocireg.web.v2 import parse
from ocireg.web.v2.context import Context


def show(context: Context, _name: str, _argument: str) -> Response:
    """Answer with a page; a larger ``n`` than the setting allows is cut down, with a ``Link``, and never refused."""
    settings, reach = context.settings, access.reach(caller().actor, root=context.settings.root_registry)
    size = parse.page_size(request, default=settings.catalog_page, cap=settings.catalog_page_limit)
    names, more = context.registry.catalog.page(request.args.get("last", ""), size, reach) if size else ([], False)
    response = jsonify({"repositories": names})
    if more:
        response.headers["Link"] = next_link("/v2/_catalog", {"n": size, "last": names[-1]})
    return response
