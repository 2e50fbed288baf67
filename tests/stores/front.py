"""What stands in front of a store, as a CDN does: it serves a path of its own, and asks with the store's Host."""

import http.client
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from urllib.parse import urlsplit


@contextmanager
def front(endpoint: str, path: str) -> Iterator[tuple[str, list[str]]]:
    """Pass GETs below ``path`` on to ``endpoint``; yield the URL, and the targets of the requests that came."""
    store = urlsplit(endpoint).netloc
    asked: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append(self.path)
            there = http.client.HTTPConnection(store, timeout=30)
            kept = {name: value for name, value in self.headers.items() if name.lower() == "range"}
            there.request("GET", self.path.removeprefix(path), headers={**kept, "Host": store})
            answer = there.getresponse()
            body = answer.read()
            there.close()
            self.send_response(answer.status)
            for name, value in answer.getheaders():
                if name.lower() in {"content-type", "content-disposition", "content-range"}:
                    self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the name of the base class
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}{path}", asked
        server.shutdown()
        thread.join()
