"""gunicorn's sendfile, counted: the access log has the bytes of a file that goes from the kernel to the socket."""

import os
from typing import Any

from gunicorn import util
from gunicorn.http import wsgi

_send = wsgi.Response.sendfile


def _counted(response: Any, body: Any) -> bool:
    """Send a file as gunicorn does, and add to ``sent`` what went out.

    A file that is shorter than was announced ends the connection: its client would wait for the rest for ever.
    """
    if not util.has_fileno(body.filelike):
        return bool(_send(response, body))
    descriptor = body.filelike.fileno()
    start = os.lseek(descriptor, 0, os.SEEK_CUR)
    there = os.fstat(descriptor).st_size - start
    try:
        done = bool(_send(response, body))
    except OSError:
        # The standard library leaves the file where sending ended.
        response.sent += os.lseek(descriptor, 0, os.SEEK_CUR) - start
        raise
    if done and response.req.method != "HEAD":
        wanted = there if response.response_length is None else response.response_length
        response.sent += min(there, wanted)
        if there < wanted:
            response.force_close()
    return done


def count() -> None:
    """Let gunicorn send files this way."""
    wsgi.Response.sendfile = _counted
