"""A document of JSON from bytes that nobody vouches for (RFC 8259, and I-JSON, RFC 7493, where that is stricter).

What two readers could understand in two ways is refused: duplicate keys, NaN, text that is not Unicode.
"""

import json
from typing import Any, NoReturn

from ocireg.oci.errors import InvalidManifest

_SURROGATE = b"\\ud"
"""How an escaped surrogate begins: half a pair is no text, and databases refuse it (RFC 7493 section 2.1)."""


def decode(raw: bytes) -> dict[str, Any]:
    """Return the object that ``raw`` is. ``InvalidManifest``, whatever the bytes are."""
    try:
        body = json.loads(raw.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant)
        if _SURROGATE in raw.lower():
            json.dumps(body, ensure_ascii=False).encode("utf-8")
    except UnicodeError as error:
        raise InvalidManifest("the manifest is not UTF-8 text") from error
    except RecursionError as error:
        raise InvalidManifest("the manifest is nested too deeply") from error
    except json.JSONDecodeError as error:
        raise InvalidManifest(f"the manifest is not JSON: {error}") from error
    except InvalidManifest:
        raise
    except ValueError as error:  # Python's limit on digits (CVE-2020-10735)
        raise InvalidManifest("the manifest has a number that is too long") from error
    if not isinstance(body, dict):
        raise InvalidManifest("the manifest is not a JSON object")
    return body


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise InvalidManifest("the manifest has an object with a key twice")
    return made


def _constant(name: str) -> NoReturn:
    raise InvalidManifest(f"{name} is not JSON")
