"""What gunicorn refuses by itself, before there is a request: JSON of the specification's form."""

import json
import re
import socket

from gunicorn import util

from ocireg.errors import BAD_REQUEST, TOO_LARGE, UNKNOWN


def write_error(client: socket.socket, status: int, reason: str, message: str) -> None:
    """Write an error of gunicorn's own as JSON (OCI distribution v1.1.1, "Error Codes")."""
    row = TOO_LARGE if status in (414, 431) else UNKNOWN if status >= 500 else BAD_REQUEST
    said = _plain(message)[:200] if status < 500 else row.message
    body = json.dumps(
        {"errors": [{"code": row.code, "message": said or reason, "detail": None}]}, separators=(",", ":")
    )
    head = (
        f"HTTP/1.1 {status} {reason}\r\nConnection: close\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\nDocker-Distribution-API-Version: registry/2.0\r\n"
        "X-Content-Type-Options: nosniff\r\n\r\n"
    )
    util.write_nonblock(client, (head + body).encode("ascii"))


def _plain(message: str) -> str:
    """Return gunicorn's text without the quotes and the title that it puts around one that has both already."""
    found = re.fullmatch(r"[\w ]+:? '(\w+ .*)'", message, re.DOTALL)
    return found[1] if found else message
