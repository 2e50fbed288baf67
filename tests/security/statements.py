"""What a request asks of the database: a measure of its work that no noise touches, unlike a clock."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager


class _Collector(logging.Handler):
    def __init__(self, into: list[str]) -> None:
        super().__init__(logging.DEBUG)
        self._into = into
        self._thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the text of a statement of this thread, but for the look at the generation, which the clock decides."""
        text = str(record.msg[0])
        if record.thread == self._thread and 'FROM "fact"' not in text:
            self._into.append(text)


@contextmanager
def statements() -> Iterator[list[str]]:
    """Collect the statements of this thread, without their values, while the block lasts."""
    found: list[str] = []
    log, collector = logging.getLogger("peewee"), _Collector(found)
    before = log.level, log.propagate
    log.addHandler(collector)
    log.setLevel(logging.DEBUG)
    log.propagate = False
    try:
        yield found
    finally:
        log.removeHandler(collector)
        log.setLevel(before[0])
        log.propagate = before[1]
