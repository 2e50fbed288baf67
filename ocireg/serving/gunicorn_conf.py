"""gunicorn's settings as the names of a module, which is how gunicorn reads a configuration file."""

from ocireg.serving.conf import settings
from ocireg.serving.options import options

wsgi_app = "ocireg.serving.wsgi:app"
globals().update(options(settings()))
