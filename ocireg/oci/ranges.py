"""Ranges: of what a client reads (RFC 9110 section 14), and of a chunk that it pushes (end-5)."""

from dataclasses import dataclass

from ocireg.oci.errors import InvalidContentRange, Unsatisfiable
from ocireg.oci.grammar import CONTENT_RANGE, RANGE

_DIGITS = 19


@dataclass(frozen=True, slots=True)
class ByteRange:
    """The bytes ``[start, stop)``."""

    start: int
    stop: int


def parse_range(header: str | None, size: int, limit: int = 1024) -> list[ByteRange] | None:
    """Return the ranges of ``size`` bytes that a Range header asks for; None to serve the whole.

    A header that is not understood, or names another unit or more than ``limit`` ranges, is ignored (section 14.2).
    Ranges that overlap or touch become one, so that the answer is never longer than the content; else the client's
    order is kept. ``Unsatisfiable`` if none lies in the content, or one ends before it begins: the conformance
    suites want 416 for ``500-0``. Content without a byte is served whole: no 206 can describe it, and there are clients
    that put ``bytes=0-`` on every request.
    """
    unit, equals, listed = (header or "").partition("=")
    if not size or unit.strip().lower() != "bytes" or not equals:
        return None
    asked = [part.strip() for part in listed.split(",", limit + 1)]
    if len(asked) > limit:
        return None
    found: list[ByteRange] = []
    for part in asked:
        if not part:
            continue
        matched = RANGE.fullmatch(part)
        if matched is None or part == "-":
            return None
        one = _resolve(matched[1], matched[2], size)
        if one is not None:
            found.append(one)
    if not any(asked):
        return None
    if not found:
        raise Unsatisfiable(f"the content has {size} bytes")
    return _merged(found)


def _resolve(first: str, last: str, size: int) -> ByteRange | None:
    """Return the part of one range that lies in the content, None for none."""
    if not first:
        start, stop = max(size - _number(last), 0), size
    else:
        start, stop = _number(first), min(_number(last) + 1, size) if last else size
    return ByteRange(start, stop) if start < stop else None


def _number(digits: str) -> int:
    """Return the number, or one larger than any size: thousands of digits cost nothing."""
    trimmed = digits.lstrip("0")
    return 10**_DIGITS if len(trimmed) > _DIGITS else int(trimmed or "0")


def _merged(ranges: list[ByteRange]) -> list[ByteRange]:
    """Return the ranges, those that overlap or touch as one, in the place of the first of them."""
    spans: list[tuple[ByteRange, int]] = []
    for place, one in sorted(enumerate(ranges), key=lambda item: item[1].start):
        if spans and one.start <= spans[-1][0].stop:
            last, order = spans[-1]
            spans[-1] = ByteRange(last.start, max(last.stop, one.stop)), min(order, place)
        else:
            spans.append((one, place))
    return [one for one, _ in sorted(spans, key=lambda item: item[1])]


def format_content_range(part: ByteRange, size: int) -> str:
    """Return the Content-Range of an answer with ``part`` of ``size`` bytes."""
    return f"bytes {part.start}-{part.stop - 1}/{size}"


def parse_content_range(header: str) -> ByteRange:
    """Return the place of a chunk: ``<start>-<end>``, both inclusive (end-5). ``InvalidContentRange``."""
    matched = CONTENT_RANGE.fullmatch(header)
    if matched is None:
        raise InvalidContentRange("the Content-Range of a chunk is <start>-<end>")
    start, end = int(matched[1]), int(matched[2])
    if end < start:
        raise InvalidContentRange("the Content-Range of a chunk ends before it begins")
    return ByteRange(start, end + 1)
