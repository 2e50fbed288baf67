"""``ocireg`` whose application notes an event for each request below ``/v2/``: its subject is the query.

It is the real program otherwise; the request is noted before it is answered.
"""

import sys

from flask import Flask, request

from ocireg import app
from ocireg.cli import main
from ocireg.config import Settings
from ocireg.metadata.audit import SYSTEM, Event
from ocireg.serving import server

create_app = app.create_app


def noting(settings: Settings) -> Flask:
    """Return the application, which notes what it is asked."""
    made = create_app(settings)
    trail = made.extensions["ocireg"].trail

    def note() -> None:
        if request.path.startswith("/v2/"):
            trail.note(Event("login", SYSTEM, subject=request.query_string.decode()))

    made.before_request(note)
    return made


server.create_app = noting  # type: ignore[attr-defined] # what the module imported

if __name__ == "__main__":
    sys.exit(main())
