"""The diagnosis of the address that clients use, with real servers behind it and proxies before them."""

import http.client
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from ocireg.doctor import Finding, Verdict
from tests.doctor.examined import examined, made
from tests.server import Server, free_port


@contextmanager
def proxy(target: str, location: str = "", redirect: str = "") -> Iterator[str]:
    """Pass requests on to ``target``; put ``location`` before each Location, or answer nothing but a redirect."""

    class Handler(BaseHTTPRequestHandler):
        def _pass_on(self) -> None:
            if redirect:
                self.send_response(308)
                self.send_header("Location", redirect + self.path)
                self.send_header("Content-Length", "0")
                self.end_headers()
                return
            connection = http.client.HTTPConnection(urlsplit(target).netloc)
            connection.request(self.command, self.path)
            answer = connection.getresponse()
            body = answer.read()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name not in {"Connection", "Date", "Server", "Transfer-Encoding"}:
                    self.send_header(name, location + value if name == "Location" else value)
            self.end_headers()
            self.wfile.write(body)
            connection.close()

        do_GET = do_POST = do_DELETE = _pass_on  # noqa: N815 - the names that http.server calls

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """An installation that serves."""
    with Server(tmp_path_factory.mktemp("served"), workers=1, threads=4) as server:
        yield server


def address(folder: Path, url: str) -> tuple[Finding, Finding, Finding]:
    """Return what is found about the address."""
    found = examined(folder, url=url)
    return found["external URL"], found["URL answers"], found["URL Location"]


def test_an_installation_that_serves_is_known_again_and_keeps_nothing(served: Server) -> None:
    before = sorted((served.data / "storage").rglob("*"))
    findings = address(served.folder, served.url)
    assert [one.verdict for one in findings] == [Verdict.PASS] * 3
    assert "to this installation" in findings[2].text
    dump = (served.data / "ocireg.db").read_bytes() + (served.data / "ocireg.db-wal").read_bytes()
    assert b"ocireg-doctor/" in dump  # it was there
    assert examined(served.folder)["uploads"].text == "none under way"
    files = [path for path in sorted((served.data / "storage").rglob("*")) if path.is_file()]
    assert files == [path for path in before if path.is_file()]


def test_a_proxy_that_passes_all_on_is_well(served: Server) -> None:
    with proxy(served.url) as url:
        assert [one.verdict for one in address(served.folder, url)] == [Verdict.PASS] * 3


def test_a_proxy_that_makes_a_location_of_its_own_is_found(served: Server) -> None:
    with proxy(served.url, location="https://inside.example") as url:
        _, answers, location = address(served.folder, url)
    assert answers.verdict is Verdict.PASS
    assert (location.verdict, location.message) == (
        Verdict.WARN,
        f"it says https://inside.example, which is not {url}",
    )
    assert examined(served.folder)["uploads"].text == "none under way"


def test_a_redirect_to_another_address_is_said(served: Server) -> None:
    with proxy(served.url, redirect="https://other.example") as url:
        _, answers, location = address(served.folder, url)
    assert answers.message == "it redirects to https://other.example"
    assert location.verdict is Verdict.SKIP


def test_another_installation_is_told_from_this_one(served: Server, tmp_path: Path) -> None:
    made(tmp_path)
    _, answers, location = address(tmp_path, served.url)
    assert answers.verdict is Verdict.PASS
    assert location.message == "another installation answers there"
    assert examined(served.folder)["uploads"].text == "none under way"


def test_an_address_where_nobody_answers_is_a_warning(tmp_path: Path) -> None:
    made(tmp_path)
    _, answers, location = address(tmp_path, f"http://127.0.0.1:{free_port()}")
    assert answers.verdict is Verdict.WARN
    assert "Connection refused" in answers.message
    assert "running" in answers.advice
    assert location.verdict is Verdict.SKIP


def test_something_else_than_a_registry_is_a_warning(tmp_path: Path) -> None:
    made(tmp_path)
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as other:
        thread = threading.Thread(target=other.serve_forever)
        thread.start()
        _, answers, _ = address(tmp_path, f"http://127.0.0.1:{other.server_port}")
        other.shutdown()
        thread.join()
    assert answers.message == "it answers 501, not as a registry"


def test_plain_http_to_another_machine_is_a_warning(tmp_path: Path) -> None:
    made(tmp_path)
    found, _, _ = address(tmp_path, "http://registry.invalid")
    assert found.message == "clients refuse plain HTTP"


def test_a_registry_that_is_read_only_gives_no_location(tmp_path: Path) -> None:
    made(tmp_path)
    with Server(tmp_path, workers=1, threads=4, read_only="true") as server:
        location = address(server.folder, server.url)[2]
    assert location.verdict is Verdict.PASS
    assert "read-only" in location.text
