"""An issuer of tokens on loopback, over HTTP: discovery, keys, signatures; and what can be wrong with each.

Private keys are made once for all tests of a process: ``private_key`` returns the same one for the same question.
"""

import base64
import json
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from ocireg.config.networks import Networks

LOOPBACK = Networks.parse("127.0.0.0/8, ::1")
DISCOVERY = "/.well-known/openid-configuration"
JWKS = "/keys"
AUDIENCE = "https://registry.example.com/acme/containers"
Private = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey


@cache
def private_key(algorithm: str, number: int = 0) -> Private:
    """Return a private key for an algorithm; another for each number."""
    assert number >= 0
    if algorithm == "EdDSA":
        return ed25519.Ed25519PrivateKey.generate()
    if algorithm.startswith("ES"):
        return ec.generate_private_key(ec.SECP384R1() if algorithm == "ES384" else ec.SECP256R1())
    return rsa.generate_private_key(65537, 2048)


def public_jwk(key: Private, kid: str, **more: Any) -> dict[str, Any]:
    """Return the public half of a key as issuers publish it."""
    if isinstance(key, rsa.RSAPrivateKey):
        made = RSAAlgorithm.to_jwk(key.public_key(), as_dict=True)
    elif isinstance(key, ec.EllipticCurvePrivateKey):
        made = ECAlgorithm.to_jwk(key.public_key(), as_dict=True)
    else:
        made = OKPAlgorithm.to_jwk(key.public_key(), as_dict=True)
    return {key: value for key, value in made.items() if key != "key_ops"} | {"kid": kid, "use": "sig"} | more


def encoded(part: bytes | Mapping[str, Any]) -> str:
    """Return a part of a token."""
    raw = part if isinstance(part, bytes) else json.dumps(part).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def compact(header: bytes | Mapping[str, Any], claims: bytes | Mapping[str, Any], signature: bytes = b"") -> str:
    """Return a token that nobody checked, of any parts."""
    return ".".join(map(encoded, (header, claims, signature)))


def signed(claims: bytes | Mapping[str, Any], key: Private, algorithm: str, **header: Any) -> str:
    """Return a token signed with a key, with whatever else in its header."""
    payload = claims if isinstance(claims, bytes) else json.dumps(claims).encode()
    return jwt.PyJWS().encode(payload, key, algorithm, headers=header)


@dataclass
class Answer:
    """What the server says instead of a document."""

    status: int = 200
    body: bytes = b""
    headers: dict[str, str] = field(default_factory=dict)
    before: Callable[[], object] = lambda: None
    drip: float = 0.0


class Issuer(ThreadingHTTPServer):
    """The issuer. ``published`` are its keys by ``kid``, ``document`` changes what discovery says.

    ``instead`` answers by path; ``requests`` are the paths that were asked for, ``hosts`` their Host headers, ``names``
    the names that TLS was asked for.
    """

    daemon_threads = True

    def __init__(self, context: ssl.SSLContext | None = None) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.context = context
        self.url = f"http{'s' if context else ''}://127.0.0.1:{self.server_address[1]}"
        self.published: dict[str, Any] = {"one": public_jwk(private_key("RS256"), "one", alg="RS256")}
        self.document: dict[str, Any] = {}
        self.instead: dict[str, Answer] = {}
        self.requests: list[str] = []
        self.hosts: list[str] = []
        self.names: list[str | None] = []

    @property
    def port(self) -> int:
        """The port."""
        return int(self.server_address[1])

    def get_request(self) -> tuple[Any, Any]:
        """Accept a connection; TLS begins in the thread that serves it."""
        sock, address = super().get_request()
        if self.context is not None:
            sock = self.context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        return sock, address

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing: clients go away here on purpose."""

    def publish(self, kid: str, key: Private, **more: Any) -> None:
        """Add a key."""
        self.published[kid] = public_jwk(key, kid, **more)

    def count(self, path: str = JWKS) -> int:
        """Return how often a path was asked for."""
        return self.requests.count(path)

    def claims(self, **changes: Any) -> dict[str, Any]:
        """Return claims of a token that is valid now; None as a change leaves one out."""
        now = int(time.time())
        found = {
            "iss": self.url,
            "aud": AUDIENCE,
            "sub": "job",
            "iat": now,
            "nbf": now - 5,
            "exp": now + 300,
            "ref": "main",
        }
        return {name: value for name, value in (found | changes).items() if value is not None}

    def token(self, *, kid: str = "one", key: Private | None = None, algorithm: str = "RS256", **changes: Any) -> str:
        """Return a token of this issuer, valid but for the changes."""
        return signed(self.claims(**changes), key or private_key("RS256"), algorithm, kid=kid)

    def answer(self, path: str) -> Answer:
        """Return what is said to a request."""
        self.requests.append(path)
        if path in self.instead:
            return self.instead[path]
        if path == DISCOVERY:
            document = {"issuer": self.url, "jwks_uri": self.url + JWKS} | self.document
            return Answer(body=json.dumps(document).encode())
        if path == JWKS:
            return Answer(body=json.dumps({"keys": list(self.published.values())}).encode())
        return Answer(404)


class _Handler(BaseHTTPRequestHandler):
    server: Issuer

    def do_GET(self) -> None:
        self.server.hosts.append(self.headers["Host"])
        answer = self.server.answer(self.path)
        answer.before()
        self.send_response(answer.status)
        for name, value in ({"Content-Length": str(len(answer.body))} | answer.headers).items():
            self.send_header(name, value)
        self.end_headers()
        with suppress(OSError):
            self._send(answer)

    def _send(self, answer: Answer) -> None:
        if not answer.drip:
            self.wfile.write(answer.body)
            return
        for one in answer.body:
            self.wfile.write(bytes([one]))
            time.sleep(answer.drip)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def issuer(context: ssl.SSLContext | None = None) -> Iterator[Issuer]:
    """Run an issuer."""
    with Issuer(context) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
