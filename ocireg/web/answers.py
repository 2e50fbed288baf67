"""What holds of every answer, and the page at ``/`` for a person who looks what is there."""

from flask import Blueprint, Flask, Response, jsonify

from ocireg.web.rules import PUBLIC, Rules


def register(app: Flask, rules: Rules) -> None:
    """Let every answer carry what it must, and nothing that is untrue."""
    app.json.compact = True  # type: ignore[attr-defined]
    app.after_request(_finish)
    found = Blueprint("root", __name__)
    found.add_url_rule("/", "root", _root, methods=["GET"])
    app.register_blueprint(found)
    rules.add("root.root", PUBLIC)


def _root() -> Response:
    return jsonify({"registry": "ocireg", "api": "/v2/", "specification": "OCI distribution 1.1"})


def _finish(response: Response) -> Response:
    """No browser may guess a type; and nothing is HTML that no policy holds, least of all an empty answer."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    if response.mimetype == "text/html" and "Content-Security-Policy" not in response.headers:
        del response.headers["Content-Type"]
    return response
