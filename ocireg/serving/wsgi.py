"""The application as a gunicorn worker loads it: by configuration alone."""

from ocireg.app import create_app
from ocireg.serving.conf import settings
from ocireg.serving.start import require_judged_listeners

require_judged_listeners()
app = create_app(settings())
