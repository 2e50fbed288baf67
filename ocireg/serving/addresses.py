"""Where it may listen, and whether it can."""

import ipaddress
import socket
from collections.abc import Iterable
from typing import Any

from ocireg.config import Settings
from ocireg.errors import OperatorError


def require_permission(settings: Settings, addresses: Iterable[object]) -> None:
    """Refuse an address that other machines can reach where all is open, unless the operator said that it is for all.

    ``addresses`` are as the socket module has them: ``(host, port, …)``, or the path of a Unix socket. Whatever else
    gunicorn takes (an inherited descriptor) is judged when it listens.
    """
    for address in addresses:
        if not isinstance(address, tuple) or is_loopback(address[0]):
            continue
        if settings.open and not settings.open_to_everyone:
            raise OperatorError(
                f"{_written(address)} can be reached from other machines, and with --open whoever reaches it may push, "
                "pull and delete: say --open-to-everyone (OCIREG_OPEN_TO_EVERYONE=true) too if that is meant, leave "
                "--open out, or listen on 127.0.0.1"
            )


def _written(address: tuple[Any, ...]) -> str:
    host, port = address[:2]
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def is_loopback(host: str) -> bool:
    """Say whether only this machine reaches ``host``. A name other than localhost is not asked for."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def require_free(settings: Settings) -> None:
    """Say in one line that the address is taken, or not one of this machine."""
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
        except OSError as error:
            raise OperatorError(f"cannot listen on {settings.bind}: {error.strerror or error}") from error
