"""Headers that clients show."""

from base64 import b64encode


def basic(secret: str, name: str = "token") -> dict[str, str]:
    """Return the header of Basic authentication (RFC 7617)."""
    return {"Authorization": "Basic " + b64encode(f"{name}:{secret}".encode()).decode()}


def bearer(token: str) -> dict[str, str]:
    """Return the header of a Bearer token (RFC 6750)."""
    return {"Authorization": f"Bearer {token}"}
