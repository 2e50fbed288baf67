"""``GET /v2/<name>/tags/list`` (OCI distribution v1.1.1, end-8a and end-8b)."""

from flask import Response, jsonify, request

from ocireg.oci.pages import next_link
from ocireg.web.v2 import parse
from ocireg.web.v2.context import Context


def show(context: Context, name: str, _argument: str) -> Response:
    """Answer with tags in ASCII order: all that the setting allows, or ``n`` after ``last``."""
    cap = context.settings.tags_page
    size = parse.page_size(request, default=cap, cap=cap)
    tags, more = context.registry.tags.page(name, request.args.get("last", ""), size)
    response = jsonify({"name": name, "tags": tags})
    if more and size:  # end-8b: n=0 is an empty list without a Link
        response.headers["Link"] = next_link(f"/v2/{name}/tags/list", {"n": size, "last": tags[-1]})
    return response
