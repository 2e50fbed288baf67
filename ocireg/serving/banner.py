"""What is said when it listens."""

from collections.abc import Sequence
from urllib.parse import urlsplit

from ocireg.auth.first import ADMIN
from ocireg.config import Settings
from ocireg.serving.addresses import is_loopback

_EVERYWHERE = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}  # noqa: S104 - what is shown


def banner(settings: Settings, listeners: Sequence[str]) -> str:
    """Return where the registry is and what to try. ``listeners`` are URLs, as gunicorn writes them."""
    known = f", known as {settings.url}" if settings.url else ""
    parts = urlsplit(settings.url or listeners[0])
    shown = _shown(settings, listeners[0])
    plain = " --tls-verify=false" if parts.scheme == "http" else ""
    return "\n".join(
        [
            f"ocireg listens on {', '.join(listeners)}{known}",
            *_warning(settings, listeners),
            *(
                []
                if settings.open
                else [f"Log in: docker login {shown} (ocireg token create --user NAME --scope all makes a token)"]
            ),
            *([f"Pages: {parts.scheme}://{shown}/"] if parts.scheme in {"http", "https"} else []),
            "Try:",
            f"  docker tag IMAGE {shown}/IMAGE",
            f"  docker push {shown}/IMAGE",
            f"  docker pull {shown}/IMAGE",
            "or:",
            f"  podman push{plain} IMAGE {shown}/IMAGE",
            f"  skopeo inspect{plain} docker://{shown}/IMAGE",
        ]
    )


def first_start(settings: Settings, secret: str) -> str:
    """Return what is said once, when the first token was made."""
    shown, scheme = _shown(settings, f"http://{settings.bind}"), "http" if settings.tls_cert is None else "https"
    return "\n".join(
        [
            "This is the first start. The user admin was made, with this token, which is not shown again:",
            f"  {secret}",
            "Log in with it, once it listens:",
            f"  echo {secret} | docker login {shown} -u {ADMIN} --password-stdin",
            f"or in a browser, as {ADMIN}: {settings.url.rstrip('/') or f'{scheme}://{shown}'}/login",
        ]
    )


def _shown(settings: Settings, listener: str) -> str:
    """Return the host and the port that clients of this machine use."""
    parts = urlsplit(settings.url or listener)
    host, port = parts.hostname or "", parts.port
    return _EVERYWHERE.get(host, f"[{host}]" if ":" in host else host) + (f":{port}" if port else "")


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
