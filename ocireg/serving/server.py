"""gunicorn, started by ``ocireg serve``."""

from typing import Any

from gunicorn.app.base import BaseApplication

from ocireg.app import create_app, initialise
from ocireg.config import Settings
from ocireg.errors import OperatorError
from ocireg.serving.addresses import require_free, require_permission
from ocireg.serving.options import options


class Server(BaseApplication):  # type: ignore[misc] # gunicorn has no types
    """gunicorn with our settings and our application, which each worker makes for itself."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        """Give gunicorn its settings."""
        for name, value in options(self._settings).items():
            self.cfg.set(name, value)

    def load(self) -> Any:
        """Return the application, in a worker."""
        return create_app(self._settings)


def serve(settings: Settings) -> None:
    """Serve until told to stop. ``OperatorError`` when that cannot begin."""
    require_permission(settings)
    require_free(settings)
    for name, path in (("tls_cert", settings.tls_cert), ("tls_key", settings.tls_key)):
        if path is not None and not path.is_file():
            raise OperatorError(f"{name}: there is no file {path}")
    initialise(settings)  # here, where a mistake is still one line, and once for all workers
    Server(settings).run()
