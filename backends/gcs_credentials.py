"""Who the driver for Google Cloud Storage is: a service account's key, what its machine is given, or nobody.

Least privilege: a key is used to read and write objects alone. What the machine is given is asked for a wider scope,
since without a key a URL is signed by IAM, which no narrower one allows.
"""

import base64
import json
from functools import partial
from typing import Any

import google.auth
import requests
from google.api_core.exceptions import from_http_response
from google.auth import crypt
from google.auth.credentials import AnonymousCredentials, Credentials, Signing
from google.auth.exceptions import DefaultCredentialsError
from google.auth.transport.requests import AuthorizedSession, Request
from google.oauth2 import service_account

from backends.errors import Misconfigured
from backends.gcs_errors import one_line, translated

TIMEOUT = (2.0, 5.0)
"""Seconds to connect to IAM and for its answer: a client waits, and can be served without."""
OBJECTS = "https://www.googleapis.com/auth/devstorage.read_write"
EVERYTHING = "https://www.googleapis.com/auth/cloud-platform"
SIGN = "https://iamcredentials.googleapis.com/v1/projects/-/serviceAccounts/{}:signBlob"


def find(key: str, bucket: str, *, nobody: bool) -> Credentials:
    """Return the credentials of ``key`` (JSON), else, with ``nobody``, none, else the machine's. ``Misconfigured``."""
    if key:
        return of_key(key)
    if nobody:
        return AnonymousCredentials()
    with translated(bucket, "the metadata server", ""):
        found: Credentials = google.auth.default(scopes=[EVERYTHING])[0]
        return found


def of_key(text: str) -> Credentials:
    """Return the credentials of a service account's key. ``Misconfigured``, which quotes nothing of it."""
    try:
        info = dict(json.loads(text))
        found: Credentials = service_account.Credentials.from_service_account_info(info, scopes=[OBJECTS])
    except (ValueError, TypeError, DefaultCredentialsError):
        raise Misconfigured(
            "the option credentials is not the JSON key of a service account: give the whole text of the key's file"
        ) from None  # the cause would hold the key
    return found


def signing(credentials: Credentials, session: AuthorizedSession) -> Signing | None:
    """Return what signs for ``credentials``: their own key, or IAM; None where there is no account to sign for."""
    if isinstance(credentials, Signing):
        return credentials
    return IamSigning(credentials, session) if _account(credentials) else None


def _account(credentials: Credentials) -> str:
    """Return the name of the account that the credentials are for; "" where they are for none."""
    return getattr(credentials, "service_account_email", None) or ""


class IamSigning(Signing):
    """Signs in the name of an account whose key nobody has: one request to IAM for each signature."""

    def __init__(self, credentials: Credentials, session: AuthorizedSession) -> None:
        self._credentials = credentials
        self._session = session

    @property
    def signer_email(self) -> str:
        """Return the account's name; on a machine of Google's it is known with the first token only."""
        if not self._credentials.valid:
            self._credentials.refresh(partial(Request(requests.Session()), timeout=TIMEOUT[1]))
        return _account(self._credentials)

    @property
    def signer(self) -> crypt.Signer:
        """Raise: there is no key."""
        raise NotImplementedError

    def sign_bytes(self, message: bytes) -> bytes:
        """Ask IAM."""
        body: dict[str, Any] = {"payload": base64.b64encode(message).decode()}
        answer = self._session.request("POST", SIGN.format(self.signer_email), json=body, timeout=TIMEOUT)
        if answer.status_code in (403, 404):
            said = one_line(from_http_response(answer).message)
            raise Misconfigured(
                f"IAM does not sign for {self.signer_email} ({said}): grant it the role Service Account Token Creator "
                "on itself, and enable the IAM Service Account Credentials API"
            )
        if answer.status_code != 200:
            raise from_http_response(answer)
        return base64.b64decode(answer.json()["signedBlob"])
