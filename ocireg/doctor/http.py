"""One request over HTTP, as a client on this machine would send it; a redirect is an answer."""

import http.client
import urllib.error
import urllib.request
from dataclasses import dataclass
from email.message import Message
from typing import Any
from urllib.parse import urlsplit

TIMEOUT = 5.0
MOST = 2**20


class NoAnswer(Exception):  # noqa: N818 - what it is
    """Nothing came back in time, or nothing of HTTP; the message is the system's, and has no URL in it."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers, and the first ``MOST`` bytes of the body."""

    status: int
    headers: Message
    body: bytes


class _NoRedirects(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_arguments: Any, **_named: Any) -> None:
        """Go nowhere."""


_opener = urllib.request.build_opener(_NoRedirects)


def ask(method: str, url: str) -> Answer:
    """Send a request without a body. ``NoAnswer`` after ``TIMEOUT`` seconds of silence."""
    if urlsplit(url).scheme not in {"http", "https"}:
        raise NoAnswer(f"not a URL of HTTP: {urlsplit(url).scheme}")
    request = urllib.request.Request(url, method=method, data=b"" if method == "POST" else None)  # noqa: S310 - see above
    try:
        with _opener.open(request, timeout=TIMEOUT) as answer:
            return Answer(answer.status, answer.headers, answer.read(MOST))
    except urllib.error.HTTPError as error:
        with error:
            return Answer(error.code, error.headers, error.read(MOST))
    except urllib.error.URLError as error:
        raise NoAnswer(_told(error.reason)) from error
    except (OSError, http.client.HTTPException) as error:
        raise NoAnswer(_told(error)) from error


def _told(error: object) -> str:
    """Return the system's words, without its number."""
    return str(getattr(error, "strerror", None) or error) or type(error).__name__
