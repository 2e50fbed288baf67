"""Small files that commands read."""

import json
import sys
from pathlib import Path
from typing import Any

from ocireg.errors import OperatorError

STDIN = "-"
"""What means standard input."""
MOST = 256 * 1024
"""Bytes of a file; a policy has a quarter of it at most."""


def read_text(name: str) -> str:
    """Return the text of a file, or of standard input. ``OperatorError``."""
    try:
        content = sys.stdin.buffer.read(MOST + 1) if name == STDIN else _read(Path(name))
        if len(content) > MOST:
            raise OperatorError(f"{name} has more than {MOST // 1024} KiB")
        return content.decode("utf-8")
    except OSError as error:
        raise OperatorError(f"cannot read {name}: {error.strerror}") from error
    except UnicodeDecodeError:
        raise OperatorError(f"{name} is no text in UTF-8") from None


def read_object(name: str) -> dict[str, Any]:
    """Return the object of JSON that a file, or standard input, holds. ``OperatorError``."""
    try:
        found = json.loads(read_text(name))
    except (ValueError, RecursionError) as error:
        raise OperatorError(f"{name} is not JSON: {error}") from None
    if not isinstance(found, dict):
        raise OperatorError(f"{name} is no object of JSON")
    return found


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MOST + 1)
