"""A document of JSON from bytes that nobody vouches for (RFC 8259, and I-JSON, RFC 7493, where that is stricter).

What two readers could understand in two ways is refused: duplicate keys, NaN, text that is not Unicode.
"""

import json
import re
from typing import Any, NoReturn

from ocireg.oci.errors import InvalidManifest

_SURROGATE = b"\\ud"
"""How an escaped surrogate begins: half a pair is no text, and databases refuse it (RFC 7493 section 2.1)."""
MOST_MARKS = 300_000
"""How many brackets, commas and colons a document may have: there is one for each value that it makes, and a value of
three bytes costs a hundred in memory. An index of 4 MiB whose every entry has a platform has some 270,000."""
_MARKS = b"{[,:"
_PIECE = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?+|[{\[,:]', re.DOTALL)
"""A string, closed or not, or one of the marks; linear in the length of whatever it is given."""


def decode(raw: bytes) -> dict[str, Any]:
    """Return the object that ``raw`` is. ``InvalidManifest``, whatever the bytes are."""
    if _has_too_many_marks(raw):
        raise InvalidManifest(f"the manifest has too many values (brackets, commas and colons above {MOST_MARKS:,})")
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


def _has_too_many_marks(raw: bytes) -> bool:
    """Say so before anything is made of them. Most documents have too few even where those in strings are counted."""
    if sum(raw.count(one) for one in _MARKS) <= MOST_MARKS:
        return False
    marks = strings = 0
    for piece in _PIECE.finditer(raw):
        if raw[piece.start()] in _MARKS:
            marks += 1
        else:
            strings += 1
        if marks > MOST_MARKS or strings > MOST_MARKS + 1:  # of more strings than marks nothing makes a document
            return True
    return False


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise InvalidManifest("the manifest has an object with a key twice")
    return made


def _constant(name: str) -> NoReturn:
    raise InvalidManifest(f"{name} is not JSON")
