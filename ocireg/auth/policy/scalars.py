"""The value of a scalar (YAML 1.2.2 section 10.3, narrowed to what JSON has).

YAML 1.1 reads ``yes``, ``on``, ``0123`` and ``12:30`` as something other than text; here they are text. ``true``,
``false`` and ``null`` are what the core schema says, in its three spellings; numbers are written as in JSON, and
whatever else is plain is text.
"""

import math
import re

from ocireg.auth.policy.nodes import Value

MOST_DIGITS = 30
"""Characters of a number: what is longer is a hash or an identifier, and must be quoted to stay what it is."""
_WORDS: dict[str, Value] = {"true": True, "false": False, "null": None}
_INT = re.compile(r"-?(?:0|[1-9][0-9]*)")
_NUMBER = re.compile(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?")


def plain(text: str) -> Value:
    """Return what a scalar without quotes is. ``ValueError`` for a number that could not be told from another."""
    if text in {"", "~"}:
        return None
    if text in {text.lower(), text.upper(), text.capitalize()} and text.lower() in _WORDS:
        return _WORDS[text.lower()]
    if not _NUMBER.fullmatch(text):
        return text
    if len(text) > MOST_DIGITS:
        raise ValueError(f"a number of more than {MOST_DIGITS} characters: quote it, if it is text")
    if _INT.fullmatch(text):
        return int(text)
    if not math.isfinite(number := float(text)):
        raise ValueError(f"{text} is too large for a number: quote it, if it is text")
    return number


def quoted(text: str) -> str:
    """Return the text of a scalar in quotes, escaped pairs of JSON joined (RFC 8259 section 7).

    ``ValueError`` for half a pair, which is no text.
    """
    try:
        return text.encode("utf-16", "surrogatepass").decode("utf-16")
    except UnicodeDecodeError:
        raise ValueError("half of a surrogate pair is no text") from None
