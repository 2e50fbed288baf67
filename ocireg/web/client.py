"""Who asks, and how the request came. A proxy that is to be believed would be believed here, and nowhere else."""

from flask import request

from ocireg.config import Settings


def address() -> str | None:
    """Return the address that the request came from; None where the server knows none."""
    return request.remote_addr


def uses_https(settings: Settings) -> bool:
    """Say whether clients speak HTTPS: to this service, or to what stands before it."""
    return settings.tls_cert is not None or settings.url.lower().startswith("https:")
