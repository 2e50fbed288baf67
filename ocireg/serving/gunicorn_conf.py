"""gunicorn's settings as the names of a module, which is how gunicorn reads a configuration file."""

import sys

from ocireg.app import initialise
from ocireg.errors import OperatorError
from ocireg.serving.conf import settings
from ocireg.serving.options import options

wsgi_app = "ocireg.serving.wsgi:app"
globals().update(options(settings()))


def on_starting(_server: object) -> None:
    """Bring the installation up to date before there are workers, and say in one line why that cannot be."""
    try:
        initialise(settings())
    except OperatorError as error:
        print(f"ocireg: {error}", file=sys.stderr)
        raise SystemExit(2) from None
