"""What ``ocireg serve`` says when it listens."""

from ocireg.config import Settings


def banner(settings: Settings) -> str:
    """Return where the registry is and what to try."""
    scheme = "https" if settings.tls_cert else "http"
    host = settings.bind.replace("0.0.0.0", "127.0.0.1").replace("[::]", "[::1]")  # noqa: S104 - what is shown
    address = settings.url.partition("://")[2] or host
    lines = [
        f"ocireg listens on {scheme}://{settings.bind}" + (f", known as {settings.url}" if settings.url else ""),
        "Anybody who can reach it may push, pull and delete.",
        "Try:",
        f"  docker tag IMAGE {address}/IMAGE",
        f"  docker push {address}/IMAGE",
        f"  docker pull {address}/IMAGE",
    ]
    return "\n".join(lines)
