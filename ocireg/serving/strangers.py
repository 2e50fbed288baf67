"""Clients that speak another protocol than the port: TLS to plain HTTP, plain HTTP to TLS, or TLS that fails.

podman, skopeo and docker try HTTPS first and plain HTTP then, so the first of these is everyday business.
"""

import socket
import ssl

_CLIENT_HELLO = 0x16
"""The first byte of a TLS connection (RFC 8446 section 5.1: a record of a handshake)."""

_REASONS = {
    "HTTP_REQUEST": "it spoke plain HTTP",
    "NO_SHARED_CIPHER": "it has no cipher in common with this registry",
    "UNSUPPORTED_PROTOCOL": "its version of TLS is too old",
    "WRONG_VERSION_NUMBER": "it did not speak TLS",
} | dict.fromkeys(
    ("TLSV1_ALERT_UNKNOWN_CA", "SSLV3_ALERT_BAD_CERTIFICATE", "SSLV3_ALERT_CERTIFICATE_UNKNOWN"),
    "it does not trust the certificate",
)


def mistaken(client: socket.socket, *, tls: bool) -> str | None:
    """Return what to tell a client that speaks the wrong protocol, from the first byte that waits on the socket."""
    try:
        first = client.recv(1, socket.MSG_PEEK)
    except OSError:
        return None
    if not first:
        return None
    if tls:
        return "this port speaks HTTPS, not plain HTTP" if first.isalpha() else None
    return "this port speaks plain HTTP, not HTTPS" if first[0] == _CLIENT_HELLO else None


def reason(error: ssl.SSLError) -> str:
    """Say in plain words why TLS could not be agreed on."""
    known = error.reason or str(error)
    return _REASONS.get(known, known.lower().replace("_", " "))
