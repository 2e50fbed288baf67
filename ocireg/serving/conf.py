"""What ``conf/gunicorn.conf.py`` imports: our settings as gunicorn's."""

import os

from ocireg.config import Settings, load
from ocireg.serving.start import in_one_line


def settings() -> Settings:
    """Return the settings in force without a command line. An operator's mistake ends the program with one line."""
    with in_one_line():
        return load(os.environ, {}, None).settings
