"""``GET /v2/``: this is a registry (OCI distribution v1.1.1, end-1)."""

from flask import Response, jsonify

from ocireg.web.v2.context import Context


def show(_context: Context, _name: str, _argument: str) -> Response:
    """Answer 200."""
    return jsonify({})
