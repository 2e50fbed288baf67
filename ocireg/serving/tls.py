"""The certificate and its key, tried before anything listens: a client must not be the first to find a mistake."""

import ssl
from pathlib import Path

from ocireg.errors import OperatorError


class _PassphraseWantedError(Exception):
    """The key is encrypted."""


def require_pair(certificate: Path | None, key: Path | None) -> None:
    """Load both as a server does. ``OperatorError`` names the setting to mend."""
    if certificate is None or key is None:
        return
    _require_readable("tls_cert", certificate)
    _require_readable("tls_key", key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        context.load_verify_locations(certificate)
    except ssl.SSLError as error:
        raise OperatorError(f"tls_cert: {certificate} holds no certificate in PEM") from error
    try:
        context.load_cert_chain(certificate, key, _refuse)
    except _PassphraseWantedError:
        raise OperatorError(
            f"tls_key: {key} is encrypted, and nobody is there to be asked: store it without a passphrase "
            "(openssl pkey -in KEY -out NEW), readable by the service alone"
        ) from None
    except ssl.SSLError as error:
        if error.reason == "KEY_VALUES_MISMATCH":
            raise OperatorError(f"tls_key: {key} is not the key of the certificate {certificate} (tls_cert)") from error
        if error.reason in {None, "NO_START_LINE"}:
            raise OperatorError(f"tls_key: {key} holds no private key in PEM") from error
        raise OperatorError(f"tls_key: {key} or {certificate} cannot be used: {error.reason}") from error


def _require_readable(setting: str, path: Path) -> None:
    try:
        with path.open("rb"):
            return
    except FileNotFoundError:
        raise OperatorError(f"{setting}: there is no file {path}") from None
    except OSError as error:
        raise OperatorError(f"{setting}: cannot read {path}: {error.strerror}") from error


def _refuse() -> str:
    raise _PassphraseWantedError
