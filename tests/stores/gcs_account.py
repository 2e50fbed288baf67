"""A service account for the tests: its key, and the address at which a key is exchanged for a token.

The stand-ins for Cloud Storage ask for no token; that address looks at the signature as Google's does.
"""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from google.auth import jwt

EMAIL = "tests@tests.iam.gserviceaccount.com"
_REFUSED = {"error": "invalid_grant", "error_description": "Invalid JWT Signature."}


def new_private_key() -> rsa.RSAPrivateKey:
    """Return a new key."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def key_of(private: rsa.RSAPrivateKey, token_uri: str) -> dict[str, str]:
    """Return a key as it is downloaded."""
    form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    return {
        "type": "service_account",
        "project_id": "tests",
        "private_key_id": "1",
        "private_key": private.private_bytes(*form).decode(),
        "client_email": EMAIL,
        "token_uri": token_uri,
    }


@dataclass(frozen=True, slots=True)
class Account:
    """An account with one key. ``tokens``: where keys are exchanged for tokens."""

    private: rsa.RSAPrivateKey
    tokens: str

    @property
    def key(self) -> str:
        """Its key (JSON)."""
        return json.dumps(key_of(self.private, self.tokens))

    @property
    def withdrawn_key(self) -> str:
        """A key that was one of its keys (JSON)."""
        return json.dumps(key_of(new_private_key(), self.tokens))

    def require_signed(self, url: str) -> None:
        """Fail unless a URL was signed by this account for GET, as the V4 signing process of Cloud Storage has it."""
        parts = urlsplit(url)
        query, _, signature = parts.query.rpartition("&X-Goog-Signature=")
        asked = {name: values[0] for name, values in parse_qs(query).items()}
        assert asked["X-Goog-Credential"].startswith(f"{EMAIL}/")
        request = f"GET\n{parts.path}\n{query}\nhost:{parts.netloc}\n\nhost\nUNSIGNED-PAYLOAD"
        scope = asked["X-Goog-Credential"].partition("/")[2]
        digest = hashlib.sha256(request.encode()).hexdigest()
        text = f"GOOG4-RSA-SHA256\n{asked['X-Goog-Date']}\n{scope}\n{digest}"
        try:
            self.private.public_key().verify(
                bytes.fromhex(signature), text.encode(), padding.PKCS1v15(), hashes.SHA256()
            )
        except InvalidSignature:
            raise AssertionError(f"not signed by the account's key: {text}") from None


@contextmanager
def account() -> Iterator[Account]:
    """Make an account, whose keys are exchanged for tokens as long as the block runs."""
    private = new_private_key()
    form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    public = private.public_key().public_bytes(*form)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
            try:
                jwt.decode(body["assertion"][0], certs=public)
            except ValueError:
                self._answer(400, _REFUSED)
            else:
                self._answer(200, {"access_token": "a-token", "expires_in": 3600})

        def _answer(self, status: int, content: dict[str, object] | dict[str, str]) -> None:
            body = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        tokens = f"http://127.0.0.1:{server.server_port}/token"
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield Account(private, tokens)
        finally:
            server.shutdown()
            thread.join()
