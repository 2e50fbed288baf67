"""What holds of every answer."""

from flask import Flask, Response


def register(app: Flask) -> None:
    """Let every answer carry what it must, and nothing that is untrue."""
    app.json.compact = True  # type: ignore[attr-defined]
    app.after_request(_finish)


def _finish(response: Response) -> Response:
    """No browser may guess a type; and nothing is HTML that no policy holds, least of all an empty answer."""
    response.headers["X-Content-Type-Options"] = "nosniff"
    if response.mimetype == "text/html" and "Content-Security-Policy" not in response.headers:
        del response.headers["Content-Type"]
    return response
