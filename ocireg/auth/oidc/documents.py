"""Objects of JSON that nobody vouches for (RFC 8259, and I-JSON, RFC 7493, where that is stricter).

What two readers could understand in two ways is refused.
"""

import json
from typing import Any, NoReturn


def decode(raw: bytes) -> dict[str, Any]:
    """Return the object that ``raw`` is. ``ValueError`` in one line, whatever the bytes are; they are not quoted."""
    try:
        found = json.loads(raw.decode("utf-8"), object_pairs_hook=_object, parse_constant=_constant)
        if b"\\ud" in raw.lower():  # half a pair is no text, and cannot be stored or logged
            json.dumps(found, ensure_ascii=False).encode("utf-8")
    except UnicodeError:
        raise ValueError("it is not UTF-8 text") from None
    except RecursionError:
        raise ValueError("it is nested too deeply") from None
    except json.JSONDecodeError:
        raise ValueError("it is not JSON") from None
    if not isinstance(found, dict):
        raise ValueError("it is not a JSON object")  # noqa: TRY004 - of the bytes, not of a type
    return found


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    made = dict(pairs)
    if len(made) != len(pairs):
        raise ValueError("it has an object with a key twice")
    return made


def _constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")
