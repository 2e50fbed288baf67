"""gunicorn's settings as the names of a module, which is how gunicorn reads a configuration file."""

from typing import Any

from ocireg.serving.conf import settings
from ocireg.serving.options import options
from ocireg.serving.start import in_one_line, prepare, ready

wsgi_app = "ocireg.serving.wsgi:app"
globals().update(options(settings()))


def on_starting(server: Any) -> None:
    """Check what gunicorn was told, its command line included, and bring the installation up to date."""
    with in_one_line():
        prepare(settings(), server.cfg.address, server.cfg.workers)


def when_ready(server: Any) -> None:
    """Judge what gunicorn listens on, and say where that is."""
    with in_one_line():
        ready(settings(), server)
