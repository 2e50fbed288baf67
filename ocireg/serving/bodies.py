"""Bodies of answers that fail in the middle: the head is gone, so all that can still be said is that this is the end.

Such an answer ends short, and its connection with it, which no client takes for the whole; the log gets one line. What
nobody foresaw is left to gunicorn, which ends the connection too, and logs where it was.
"""

import logging
from collections.abc import Iterable, Iterator
from typing import Any

from gunicorn.http.wsgi import FileWrapper

from ocireg.errors import RegistryError
from ocireg.web.errors import with_cause

log = logging.getLogger(__name__)


class Body:
    """The body that ``source`` yields, of an answer to the request of ``environ`` that goes out by ``response``."""

    def __init__(self, source: Iterable[bytes], environ: dict[str, Any], response: Any) -> None:
        self._source = source
        self._environ = environ
        self._response = response
        self._cut = False

    def __iter__(self) -> Iterator[bytes]:
        try:
            yield from self._source
        except RegistryError as error:
            self._end(error)

    def close(self) -> None:
        """Close the source, which may say only now that it was short."""
        close = getattr(self._source, "close", None)
        try:
            if close is not None:
                close()
        except RegistryError as error:
            self._end(error)

    def _end(self, error: RegistryError) -> None:
        self._response.force_close()
        if not self._cut:
            self._cut = True
            path = self._environ["PATH_INFO"].encode("unicode_escape").decode()
            said = with_cause(error)
            log.error("%s %s: the answer ends early: %s", self._environ["REQUEST_METHOD"], path, said)


class File(Body, FileWrapper):  # type: ignore[misc] # gunicorn has no types
    """The same of a body that gunicorn may send from the kernel, where its ``filelike`` is a real file."""

    def __init__(self, source: FileWrapper, environ: dict[str, Any], response: Any) -> None:
        super().__init__(source, environ, response)
        self.filelike = source.filelike


def guarded(source: Iterable[bytes], environ: dict[str, Any], response: Any) -> Body:
    """Return the body ``source``, which ends its connection where it fails."""
    kind = File if isinstance(source, FileWrapper) else Body
    return kind(source, environ, response)
