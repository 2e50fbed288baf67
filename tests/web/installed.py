"""An installation with accounts for tests of the API and of the pages, and whoever asks it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from werkzeug.test import TestResponse

from ocireg.app import close, create_app
from ocireg.metadata.audit import SYSTEM
from tests.conftest import BufferedClient, installation
from tests.settings import settings_for

PASSWORD = "correct horse battery"
URL = "https://registry.example.com"


class Api:
    """A client: ``as_(name)`` asks as a user by password, ``with_(secret)`` with a secret, and without is nobody."""

    def __init__(self, folder: Path, **changes: object) -> None:
        given = {"open": "false", "url": URL, "login_failures": 10**6, "token_requests": 10**6, **changes}
        self.app = create_app(settings_for(folder, **given))
        self.app.test_client_class = BufferedClient
        self.installed = installation(self.app)
        self.manager = self.installed.access.manager
        self.user("admin", admin=True)

    def user(self, name: str, *, admin: bool = False) -> None:
        """Make a user with the password of all."""
        self.manager.users.create(SYSTEM, name, password=PASSWORD, admin=admin)

    def close(self) -> None:
        """Close it."""
        close(self.app)
        self.installed.database.close()

    def ask(
        self, method: str, path: str, who: str = "admin", json: Any = None, secret: str = "", **more: Any
    ) -> TestResponse:
        """Ask as a user ("" is nobody), or with a secret."""
        client = self.app.test_client()
        if secret:
            more["headers"] = {**more.get("headers", {}), "Authorization": f"Bearer {secret}"}
        elif who:
            more["auth"] = (who, PASSWORD)
        if json is not None:
            more["json"] = json
        return client.open(f"/api/v1{path}", method=method, **more)

    def get(self, path: str, who: str = "admin", **more: Any) -> Any:
        """Ask for what must be there; return its JSON."""
        answer = self.ask("GET", path, who, **more)
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return answer.get_json()

    def post(self, path: str, json: Any, who: str = "admin", **more: Any) -> Any:
        """Make what can be made; return its JSON."""
        answer = self.ask("POST", path, who, json, **more)
        assert answer.status_code in {200, 201}, answer.get_data(as_text=True)
        return answer.get_json()


Make = Callable[..., Api]


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Make]:
    """Makes an installation with settings of its own."""
    made: list[Api] = []

    def one(**changes: object) -> Api:
        made.append(Api(tmp_path / str(len(made)), **changes))
        return made[-1]

    yield one
    for api in made:
        api.close()


@pytest.fixture
def api(make: Make) -> Api:
    """An installation with an admin, and the organization acme of ada, with bob as its member."""
    return peopled(make())


def peopled(found: Api) -> Api:
    """Let an installation have the organization acme of ada, with bob as its member, and eve, who is not."""
    for name in ("ada", "bob", "eve"):
        found.user(name)
    found.manager.organizations.create(SYSTEM, "acme", "Acme", admin="ada")
    found.manager.organizations.enrol(SYSTEM, "acme", "bob", "member")
    return found
