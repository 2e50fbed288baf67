"""Bytes as people read them."""

import humanize


def in_words(count: int) -> str:
    """Return bytes in a unit that fits: ``12.3 MiB``."""
    return str(humanize.naturalsize(count, binary=True, format="%.1f")).replace(".0 ", " ")
