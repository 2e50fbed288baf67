"""What holds of every answer, whatever it answers."""

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.faults.wire import Wire
from tests.server import Server
from tests.web.v2 import push


@pytest.mark.parametrize("path", ["/", "/login", "/no.where"])
def test_what_is_for_people_is_a_page_whatever_they_accept(client: FlaskClient, path: str) -> None:
    for accepted in ("text/html", "application/json", "*/*"):
        answer = client.get(path, headers={"Accept": accepted})
        assert answer.content_type == "text/html; charset=utf-8"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/v2/", "/v2/a/b/tags/list", "/v2/nowhere", "/api/nowhere"])
def test_every_answer_to_programs_is_compact_json_whose_type_no_browser_guesses(client: FlaskClient, path: str) -> None:
    push.manifest(client, "a/b", "v1")
    answer = client.get(path)
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.content_type == "application/json"
    assert answer.get_data(as_text=True).strip() == json.dumps(answer.get_json(), separators=(",", ":"))


def test_an_empty_answer_has_no_type(client: FlaskClient) -> None:
    begun = client.post("/v2/a/b/blobs/uploads/")
    digest = push.blob(client, "a/b", b"x")
    push.manifest(client, "a/b", "v1")
    for answer, status in (
        (begun, 202),
        (client.patch(begun.headers["Location"], data=b"x"), 202),
        (client.get(begun.headers["Location"]), 204),
        (client.put(f"{begun.headers['Location']}?digest={digest}"), 201),
        (client.delete("/v2/a/b/manifests/v1"), 202),
        (client.delete(f"/v2/a/b/blobs/{digest}"), 202),
    ):
        assert answer.status_code == status
        assert "Content-Type" not in answer.headers
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_a_method_that_is_not_there_says_which_are(client: FlaskClient) -> None:
    answer = client.post("/healthz")
    assert answer.status_code == 405
    assert "GET" in answer.headers["Allow"]


def test_an_error_of_a_request_line_is_quoted_once(tmp_path: Path) -> None:

    with Server(tmp_path, workers=1) as server:
        for sent, said in (
            (b"nonsense\r\n\r\n", "Invalid HTTP request line: 'nonsense'"),
            (b"GET / HTTP/9.9\r\nHost: a\r\n\r\n", "Invalid HTTP Version: (9, 9)"),
        ):
            wire = Wire(server)
            wire.send(sent)
            answer = wire.answer()
            wire.close()
            assert answer.headers["x-content-type-options"] == "nosniff"
            assert json.loads(answer.body)["errors"][0]["message"] == said
