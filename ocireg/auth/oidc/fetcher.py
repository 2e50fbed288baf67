"""Small documents of JSON from issuers, by requests that cannot be led astray.

A name is resolved once, every address of it is judged, and the connection goes to one that was judged: a resolver
that answers differently the next time changes nothing. Redirects are not followed, proxies of the environment not used.
"""

import http.client
import ssl
import time
from collections.abc import Callable, Iterable
from functools import cached_property
from queue import Empty, SimpleQueue
from threading import Thread
from typing import Any
from urllib.parse import SplitResult

import ocireg
from ocireg.auth.oidc.addresses import addresses_of, may_be_reached
from ocireg.auth.oidc.documents import decode
from ocireg.auth.oidc.errors import FetchError
from ocireg.auth.oidc.sockets import Timed, connected, left
from ocireg.config.issuers import is_loopback, web_address
from ocireg.config.networks import Networks

DEADLINE = 10.0
"""Seconds for a document, from the resolver to its last byte."""
MOST_BYTES = 256 * 1024
"""The largest document."""

Resolve = Callable[[str], Iterable[str]]


class Fetcher:
    """Fetches documents. Certificates are those of the system, or of ``SSL_CERT_FILE`` and ``SSL_CERT_DIR``."""

    def __init__(
        self,
        networks: Networks = Networks(),  # noqa: B008 - it does not change
        *,
        resolve: Resolve = addresses_of,
        context: ssl.SSLContext | None = None,
        deadline: float = DEADLINE,
    ) -> None:
        self._networks = networks
        self._resolve = resolve
        self._given = context
        self._deadline = deadline

    @cached_property
    def _context(self) -> ssl.SSLContext:
        """What TLS trusts; read when it is first needed, for it is hundreds of certificates."""
        return self._given or ssl.create_default_context()

    def get(self, url: str) -> dict[str, Any]:
        """Return the object of JSON at a URL of https, or of http on this machine. ``FetchError``."""
        try:
            parts = web_address(url)
            return decode(self._body(parts, time.monotonic() + self._deadline))
        except ssl.SSLCertVerificationError as error:
            raise FetchError(f"{url!r:.300}: the certificate is refused: {error.verify_message}") from error
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise FetchError(f"{url!r:.300}: {_told(error)}") from error

    def _body(self, parts: SplitResult, until: float) -> bytes:
        """Return the body of a 200. ``OSError``, ``HTTPException``, ``ValueError``."""
        host, https = parts.hostname or "", parts.scheme == "https"
        addresses = self._judged(host, until, https=https)
        port = parts.port or (443 if https else 80)
        with connected(addresses, port, until, self._context if https else None, host) as sock:
            answer = _asked(sock, parts)
            if answer.status != 200:
                raise ValueError(f"the answer is {answer.status}, not 200")
            body = answer.read(MOST_BYTES + 1)
        if len(body) > MOST_BYTES:
            raise ValueError(f"the answer is larger than {MOST_BYTES // 1024} KiB")
        return body

    def _judged(self, host: str, until: float, *, https: bool) -> list[str]:
        """Return the addresses of a host, every one of which may be reached. ``ValueError``, ``OSError``."""
        found = self._resolved(host, until)
        for one in found:
            if not may_be_reached(one, self._networks):
                raise ValueError(f"{host} is at {one}, which is not of the internet, nor in oidc_networks")
            if not https and not is_loopback(one):
                raise ValueError(f"{host} is at {one}, which is not this machine: wanted https")
        if not found:
            raise ValueError(f"{host} has no address")
        return found

    def _resolved(self, host: str, until: float) -> list[str]:
        """Ask the resolver, in a thread of its own: it has no time-out."""
        answers: SimpleQueue[list[str] | None] = SimpleQueue()

        def ask() -> None:
            try:
                answers.put(list(self._resolve(host)))
            except (OSError, UnicodeError):
                answers.put(None)

        Thread(target=ask, name="resolver", daemon=True).start()
        try:
            found = answers.get(timeout=left(until))
        except Empty:
            raise TimeoutError(f"{host} is not resolved in time") from None
        if found is None:
            raise ValueError(f"{host} cannot be resolved")
        return found


def _asked(sock: Timed, parts: SplitResult) -> http.client.HTTPResponse:
    """Send the request; return the answer to it."""
    connection = http.client.HTTPConnection(parts.hostname or "")
    connection.auto_open = 0  # it has its socket, and must not find another
    connection.sock = sock
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    headers = {
        "Host": parts.netloc,
        "Accept": "application/json",
        "Accept-Encoding": "identity",
        "Connection": "close",
        "User-Agent": f"ocireg/{ocireg.__version__}",
    }
    connection.request("GET", target, headers=headers)
    return connection.getresponse()


def _told(error: Exception) -> str:
    """Return an error in few words, on one line."""
    if isinstance(error, TimeoutError):
        return "it takes too long"
    if isinstance(error, http.client.HTTPException):
        return "the answer is not HTTP, or not whole"
    said = str(getattr(error, "strerror", None) or error) or type(error).__name__
    return " ".join(said.split())[:200]
