"""``GET /v2/<name>/referrers/<digest>`` (OCI distribution v1.1.1, end-12a and end-12b)."""

from flask import Response, request

from ocireg.oci.media_types import OCI_INDEX
from ocireg.oci.pages import next_link
from ocireg.registry.referrers import encode
from ocireg.web.v2 import parse
from ocireg.web.v2.context import Context


def show(context: Context, name: str, argument: str) -> Response:
    """Answer with an index of what refers to the digest: empty, and never 404, where nothing does."""
    subject = parse.digest(argument)
    wanted = request.args.get("artifactType")
    settings = context.settings
    found, more = context.registry.referrers.page(
        name,
        subject,
        wanted,
        request.args.get("last", ""),
        settings.referrers_page,
        settings.manifest_limit,
    )
    index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": found}
    response = Response(encode(index), content_type=OCI_INDEX)
    if wanted is not None:
        response.headers["OCI-Filters-Applied"] = "artifactType"
    if more:
        query = {"last": more} | ({"artifactType": wanted} if wanted is not None else {})
        response.headers["Link"] = next_link(f"/v2/{name}/referrers/{subject}", query)
    return response
