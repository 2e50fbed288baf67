"""The errors of Google's libraries, and of the network below them, as the driver's: one line each."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager

import urllib3
from google.api_core import exceptions as api
from google.auth import exceptions as auth
from google.cloud.storage.exceptions import DataCorruption

from backends.errors import BackendError, Misconfigured, NotFound, Unavailable

_BUSY = {"rateLimitExceeded", "userRateLimitExceeded", "backendError"}
_GRANT = "grant its service account the role Storage Object User on the bucket"


class Overtaken(Unavailable):
    """There is another generation of the object than was asked for: somebody came first."""

    retryable = False


@contextmanager
def translated(bucket: str, endpoint: str, name: str) -> Iterator[None]:
    """Raise the driver's error for what the libraries raise, or an odd answer makes of them.

    There is no ``NoSpace``: the store is never full.
    """
    try:
        yield
    except api.GoogleAPICallError as error:
        raise _of_answer(f"gs://{bucket}", error, name) from error
    except auth.GoogleAuthError as error:
        raise _of_credentials(error) from error
    except DataCorruption as error:
        raise Unavailable(f"gs://{bucket}: what arrived is not what was sent") from error
    except (OSError, urllib3.exceptions.HTTPError, http.client.HTTPException) as error:
        raise Unavailable(f"gs://{bucket}: no answer from {endpoint}: {_reason(error)}") from error
    except (KeyError, ValueError, TypeError, AttributeError) as error:  # no size, no number, no date, no JSON object
        said = f"{type(error).__name__} {one_line(error)[:100]}"
        raise Unavailable(f"gs://{bucket}: the store's answer makes no sense: {said}") from error


def _of_answer(where: str, error: api.GoogleAPICallError, name: str) -> BackendError:
    said = one_line(error.message)
    reasons = {one.get("reason") for one in error.errors if isinstance(one, dict)}
    if error.code == 404:
        if name and "bucket does not exist" not in said:
            return NotFound(name)
        return Misconfigured(f"{where}: there is no such bucket: make it, or correct the URL")
    if error.code in (408, 429) or (error.code or 500) >= 500 or reasons & _BUSY:
        return Unavailable(f"{where}: {error.code} {said}")
    if error.code == 412:
        return Overtaken(f"{where}: somebody else came first")
    if error.code in (401, 403):
        return Misconfigured(f"{where}: access refused ({said}): {_GRANT}")
    return Misconfigured(f"{where}: the store refuses the request: {error.code} {said}")


def _of_credentials(error: auth.GoogleAuthError) -> BackendError:
    said = one_line(error.args[0] if error.args else error)
    if isinstance(error, auth.TransportError) or isinstance(error.__cause__, auth.TransportError) or error.retryable:
        return Unavailable(f"no token from Google: {said}")
    if isinstance(error, auth.DefaultCredentialsError):
        return Misconfigured(
            "no credentials for gs: give the JSON key of a service account as the option credentials, "
            "or its file in GOOGLE_APPLICATION_CREDENTIALS"
        )
    return Misconfigured(f"the credentials for gs: are refused ({said}): make a new key for the service account")


def one_line(text: object) -> str:
    """Return the beginning of ``text``, on one line."""
    return " ".join(str(text).split())[:200]


def _reason(error: BaseException) -> str:
    """Return what the system said at the bottom of ``error``; failing that, what kind of error it is."""
    below: BaseException | None = error
    while below is not None:
        if isinstance(below, OSError) and below.errno and below.strerror:
            return below.strerror
        below = below.__cause__ or below.__context__
    return type(error).__name__
