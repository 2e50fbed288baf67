"""What tests of the API say of its answers."""

import base64

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.web.installed import PASSWORD, Api, Make

__all__ = ["PASSWORD", "Api", "Make", "pusher", "said"]


def said(answer: TestResponse) -> list[tuple[str, str]]:
    """Return field and code of each error of an answer, which must be of the form of the API."""
    assert answer.content_type == "application/json", answer.content_type
    body = answer.get_json()
    assert set(body) == {"message", "errors"}
    assert all(set(one) == {"field", "code", "message"} for one in body["errors"])
    return [(one["field"], one["code"]) for one in body["errors"]]


def pusher(api: Api) -> FlaskClient:
    """Return a client of the admin's, for pushes."""
    found = api.app.test_client()
    secret = base64.b64encode(f"admin:{PASSWORD}".encode()).decode()
    found.environ_base["HTTP_AUTHORIZATION"] = f"Basic {secret}"
    return found
