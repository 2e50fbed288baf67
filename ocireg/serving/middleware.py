"""What stands between gunicorn and the application: each tells the other what WSGI alone does not."""

from collections.abc import Callable, Iterable
from typing import Any

from ocireg.config.networks import Networks
from ocireg.serving.bodies import guarded
from ocireg.web.client import address_in
from ocireg.web.pace import PACE

Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]
CLIENT = "ocireg.client"
"""The key of a request's environment under which the access log finds the client's address, not that of a proxy."""


class Middleware:
    """Tells the application at what pace bodies must come, and gunicorn that an answer ends its connection.

    gunicorn drops an application's ``Connection: close``, and closes a connection whose body was not read to its end
    after having said that it would be kept. An answer that fails in the middle ends it too (``bodies``).
    """

    def __init__(self, application: Application, rate: int, window: float, trusted_proxies: Networks) -> None:
        self._application = application
        self._pace = (rate, window)
        self._trusted = trusted_proxies

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        """Pass a request on."""

        def start(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            if environ["wsgi.input"].failed or _says_close(headers):
                start_response.__self__.force_close()  # gunicorn's Response
            return start_response(status, headers, *rest)

        environ[PACE] = self._pace
        environ[CLIENT] = address_in(environ, self._trusted)
        return guarded(self._application(environ, start), environ, start_response.__self__)


def _says_close(headers: list[tuple[str, str]]) -> bool:
    return any((name.lower(), value.lower()) == ("connection", "close") for name, value in headers)
