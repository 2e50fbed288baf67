"""Tokens of outside issuers (OpenID Connect): which are allowed, their keys, and whether a token is genuine."""

from ocireg.auth.oidc.errors import FetchError, InvalidToken, IssuerUnavailable
from ocireg.auth.oidc.fetcher import Fetcher
from ocireg.auth.oidc.keys import Keys, Pace
from ocireg.auth.oidc.verify import Peeked, Verifier, peek

__all__ = [
    "FetchError",
    "Fetcher",
    "InvalidToken",
    "IssuerUnavailable",
    "Keys",
    "Pace",
    "Peeked",
    "Verifier",
    "peek",
]
