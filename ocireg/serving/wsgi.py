"""The application as a gunicorn worker loads it: by configuration alone."""

from ocireg.app import create_app
from ocireg.serving.conf import settings

app = create_app(settings())
