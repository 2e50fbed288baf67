"""What ``conf/gunicorn.conf.py`` imports: our settings as gunicorn's."""

import os
import sys

from ocireg.config import Settings, load
from ocireg.errors import OperatorError


def settings() -> Settings:
    """Return the settings in force without a command line. An operator's mistake ends the program with one line."""
    try:
        return load(os.environ, {}, None).settings
    except OperatorError as error:
        print(f"ocireg: {error}", file=sys.stderr)
        raise SystemExit(2) from None
