"""What is said when it listens."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from ocireg.auth.first import ADMIN
from ocireg.config import Settings
from ocireg.serving.addresses import is_loopback

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - what is shown


def banner(settings: Settings, listeners: Sequence[str], secret: str = "") -> str:
    """Return where the registry is and what to try. ``listeners`` are URLs, as gunicorn writes them.

    ``secret``: the first token, which is shown this once.
    """
    known = f", known as {settings.url}" if settings.url else ""
    parts = urlsplit(settings.url or listeners[0])
    host, port = parts.hostname or "", parts.port
    shown = _EVERYWHERE.get(host, f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")
    plain = " --tls-verify=false" if parts.scheme == "http" else ""
    return "\n".join(
        [
            f"ocireg listens on {', '.join(listeners)}{known}",
            *_warning(settings, listeners),
            *_login(settings, shown, secret),
            "Try:",
            f"  docker tag IMAGE {shown}/IMAGE",
            f"  docker push {shown}/IMAGE",
            f"  docker pull {shown}/IMAGE",
            "or:",
            f"  podman push{plain} IMAGE {shown}/IMAGE",
            f"  skopeo inspect{plain} docker://{shown}/IMAGE",
        ]
    )


def _login(settings: Settings, shown: str, secret: str) -> list[str]:
    """Say how to log in; with the first token, which nobody can ask for again."""
    if settings.open:
        return []
    if not secret:
        return ["Log in:", f"  docker login {shown} -u {ADMIN}", "(ocireg token create --user admin makes a token.)"]
    return [
        "This is the first start. The user admin was made, with this token, which is not shown again:",
        f"  {secret}",
        "Log in with it:",
        f"  echo {secret} | docker login {shown} -u {ADMIN} --password-stdin",
    ]


def _warning(settings: Settings, listeners: Sequence[str]) -> list[str]:
    """Say who can reach it, and how clients elsewhere are told of it."""
    hosts = [urlsplit(one).hostname for one in listeners]
    if all(host is None or is_loopback(host) for host in hosts):
        return ["Anybody who can reach it may push, pull and delete."] if settings.open else []
    found = []
    if settings.open:
        found.append("WARNING: it is open to everyone: whoever can reach this machine may push, pull and delete.")
    if not settings.url and any(host in _EVERYWHERE for host in hosts):
        found.append("The lines below are for this machine; --url http://NAME:PORT shows what clients elsewhere use.")
    if settings.tls_cert is None and not settings.url.lower().startswith("https:"):
        found.append(
            "WARNING: secrets cross the network as plain text: serve HTTPS, by --tls-cert or a proxy in front."
        )
    return found
