"""Sixteen uploads of 1 GiB at once: how much the resident set of the worker grows."""

import hashlib
import http.client
import sys
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

from benchmarks.process import resident_bytes
from tests.server import Server

COUNT = 16
SIZE = 2**30
PIECE = bytes(2**20)


def pieces(size: int) -> Iterator[bytes]:
    """Yield ``size`` bytes."""
    for _ in range(size // len(PIECE)):
        yield PIECE


def digest(size: int) -> str:
    """Return the digest of ``pieces(size)``."""
    found = hashlib.sha256()
    for piece in pieces(size):
        found.update(piece)
    return f"sha256:{found.hexdigest()}"


def push(address: str, repository: str, wanted: str, size: int, *, chunked: bool) -> None:
    """Push a blob by POST, PATCH and PUT."""
    connection = http.client.HTTPConnection(address, timeout=600)
    connection.request("POST", f"/v2/{repository}/blobs/uploads/")
    answer = connection.getresponse()
    answer.read()
    location = answer.headers["Location"]
    headers = {} if chunked else {"Content-Length": str(size)}
    connection.request("PATCH", location, pieces(size), headers, encode_chunked=chunked)
    connection.getresponse().read()
    connection.request("PUT", f"{location}?digest={wanted}")
    answer = connection.getresponse()
    if answer.status != http.client.CREATED:
        raise RuntimeError(answer.read())
    connection.close()


def main(count: int = COUNT, size: int = SIZE) -> None:
    """Push, and print."""
    wanted = digest(size)
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder), workers=1) as server:
        (worker,) = server.wait_for_workers(1)
        push(server.address, "warm/up", digest(2**20), 2**20, chunked=False)
        before = resident_bytes(worker)
        threads = [
            threading.Thread(target=push, args=(server.address, f"a/{n}", wanted, size), kwargs={"chunked": n % 2 == 0})
            for n in range(count)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        grown = resident_bytes(worker, peak=True) - before
    print(f"{count} uploads of {size / 2**20:.0f} MiB at once: the worker grew by {grown / 2**20:.0f} MiB at most")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
