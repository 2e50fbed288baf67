"""Times as people type them."""

import time
from datetime import UTC, datetime

from ocireg.config.values import seconds
from ocireg.errors import OperatorError


def time_of(flag: str, text: str | None) -> float | None:
    """Return seconds since the epoch, of a duration ago or a time of ISO 8601."""
    if text is None:
        return None
    try:
        return time.time() - seconds(text)
    except ValueError:
        pass
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        wanted = "wanted a time ago, as 90s or 7d, or one as 2026-05-01T12:00"
        raise OperatorError(f"{flag} {text!r}: {wanted}") from None
    return (found if found.tzinfo else found.replace(tzinfo=UTC)).timestamp()
