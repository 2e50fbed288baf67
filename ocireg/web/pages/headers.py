"""What every page tells browsers: nothing but ours is loaded, run, framed or kept."""

from flask import Response

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
"""The ``data:`` pictures are those of Bootstrap's own style."""
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
    "Cache-Control": "private, no-store",
}
"""Not stored: pages show secrets once, and what somebody saw is not for who comes to the same machine next."""


def finished(response: Response) -> Response:
    """Return a page with its headers; what it says itself stays."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    return response
