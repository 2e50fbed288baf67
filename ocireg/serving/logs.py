"""The log: one line a request without its query, one line for a client that stalled, ours beside gunicorn's."""

import logging
from typing import Any

from gunicorn import glogging

from ocireg.serving.middleware import CLIENT

ACCESS_FORMAT = '%(t)s %(p)s %(h)s "%(m)s %(U)s %(H)s" %(s)s %(B)s bytes %(M)s ms "%(a)s"'


class Logger(glogging.Logger):  # type: ignore[misc] # gunicorn has no types
    """gunicorn's logger. The path is logged as it came, encoded: a decoded one could hold a line feed.

    The client is the one that ``ocireg.web.client`` finds: behind a trusted proxy, not the proxy.
    """

    def setup(self, cfg: Any) -> None:
        """Send what this program logs to where gunicorn's own errors go."""
        super().setup(cfg)
        self.error_log.addFilter(quieten_stalled_clients)
        ours = logging.getLogger("ocireg")
        ours.handlers = self.error_log.handlers
        ours.setLevel(self.error_log.level)
        ours.propagate = False

    def atoms(self, resp: Any, req: Any, environ: dict[str, Any], request_time: Any) -> dict[str, Any]:
        """Return what the access log can show."""
        found: dict[str, Any] = super().atoms(resp, req, environ, request_time)
        found["U"] = str(environ.get("RAW_URI", "-")).partition("?")[0]
        found["h"] = environ.get(CLIENT) or found["h"]
        return found


def quieten_stalled_clients(record: logging.LogRecord) -> bool:
    """Turn the traceback of a time-out into a line: a client that stalls is an event, not an error."""
    error = record.exc_info[1] if record.exc_info else None
    if isinstance(error, TimeoutError | BlockingIOError):
        record.levelno, record.levelname = logging.INFO, "INFO"
        record.msg, record.args, record.exc_info = "a client stalled and was let go", (), None
    return True
