"""gunicorn, started by ``ocireg serve``."""

from typing import Any

from gunicorn.app.base import BaseApplication

from ocireg.app import create_app
from ocireg.config import Settings
from ocireg.serving.addresses import require_free, require_permission
from ocireg.serving.options import options
from ocireg.serving.start import prepare, ready


class Server(BaseApplication):  # type: ignore[misc] # gunicorn has no types
    """gunicorn with our settings and our application, which each worker makes for itself."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Give gunicorn its settings."""
        for name, value in options(self._settings).items():
            self.cfg.set(name, value)
        self.cfg.set("when_ready", lambda server: ready(self._settings, server))

    def load(self) -> Any:
        """Return the application, in a worker."""
        return create_app(self._settings)


def serve(settings: Settings) -> None:
    """Serve until told to stop. ``OperatorError`` when that cannot begin."""
    require_permission(settings, [(settings.host, settings.port)])  # whether or not it could be had
    require_free(settings)
    prepare(settings, [(settings.host, settings.port)], settings.workers)
    Server(settings).run()
