"""Certificates and keys, good and bad, by openssl."""

import shutil
import subprocess
from pathlib import Path

from tests.stores.process import require


def openssl(folder: Path, *arguments: str) -> None:
    """Run openssl in ``folder``."""
    program = require(shutil.which("openssl"), "apt-get install openssl")
    subprocess.run([program, *arguments], cwd=folder, check=True, capture_output=True)


def self_signed(folder: Path) -> None:
    """Make ``cert.pem``, for 127.0.0.1, and ``key.pem``."""
    openssl(
        folder, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", "key.pem", "-out", "cert.pem",
        "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
    )  # fmt: skip
