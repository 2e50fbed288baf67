"""How large the parts of a multipart upload are: 5 TiB in 10,000 of them, whatever the length turns out to be."""

from backends.errors import Misconfigured
from backends.part_sizes import Sizes
from backends.urls import Place

MIB = 1024 * 1024
MAX_PARTS = 10_000
LEAST = 5 * MIB
"""A part below this may only be the last one."""
MAX_PART = 5 * 1024 * MIB
EVEN = 2000
"""So many parts are of ``PART`` bytes, then they grow."""
PART = 16 * MIB
GROWTH = 172 * 1024
IN_MEMORY = 32 * MIB


def growing() -> Sizes:
    """Return the sizes for stores that take parts of any size.

    The first 2,000 may end early, where memory is short or a request ends; the other 8,000 alone hold 5 TiB.
    """
    return Sizes(planned=_planned, least=LEAST, elastic=EVEN, in_memory=PART, most=MAX_PARTS)


def _planned(number: int) -> int:
    return PART + max(number - EVEN, 0) * GROWTH


def uniform(size: int) -> Sizes:
    """Return the sizes for stores that want all parts but the last one equal; an object holds 10,000 of them."""
    return Sizes(planned=lambda _: size, least=size, elastic=0, in_memory=IN_MEMORY, most=MAX_PARTS)


def sizes_of(place: Place) -> Sizes:
    """Read the option ``part_size``: ``uniform:16MiB``, or nothing. ``Misconfigured``."""
    text = place.text("part_size")
    if not text:
        return growing()
    word, _, size = text.partition(":")
    if word != "uniform":
        raise Misconfigured(f"part_size={text}: it is uniform:SIZE, as uniform:16MiB, or not given")
    found = Place("", "", "", {"part_size": size}).size("part_size", 0)
    if not LEAST <= found <= MAX_PART:
        raise Misconfigured(f"part_size={text}: it is from 5MiB to 5GiB")
    return uniform(found)
