"""An object store behind the registry: what the commit of a large layer takes, and what many pushes at once hold."""

import http.client
import statistics
import sys
import tempfile
import threading
import time
from pathlib import Path

from benchmarks.memory import digest, pieces, push
from benchmarks.process import tree_bytes
from tests.server import Server
from tests.stores.s3 import S3Store, seaweedfs
from tests.stores.served import on_s3

GIB, MIB = 2**30, 2**20


def commit_seconds(address: str, repository: str, size: int, wanted: str) -> float:
    """Push a blob of zeros; return the seconds of its closing PUT."""
    connection = http.client.HTTPConnection(address, timeout=600)
    connection.request("POST", f"/v2/{repository}/blobs/uploads/")
    answer = connection.getresponse()
    answer.read()
    location = answer.headers["Location"]
    connection.request("PATCH", location, pieces(size), {"Content-Length": str(size)})
    connection.getresponse().read()
    began = time.perf_counter()
    connection.request("PUT", f"{location}?digest={wanted}")
    answer = connection.getresponse()
    took = time.perf_counter() - began
    if answer.status != http.client.CREATED:
        raise RuntimeError(answer.read())
    connection.close()
    return took


def commits(folder: Path, store: S3Store, large: int) -> None:
    """Compare the commit of a large layer with that of a small one."""
    with on_s3(folder, store, workers=1) as server:
        small = digest(6 * MIB)
        times = [commit_seconds(server.address, f"small/{n}", 6 * MIB, small) for n in range(9)]
        took = commit_seconds(server.address, "large", large, digest(large))
    print(
        f"commit on S3: {took * 1000:.0f} ms of a layer of {large / GIB:.0f} GiB; of 6 MiB "
        f"{statistics.median(times) * 1000:.0f} ms ({min(times) * 1000:.0f} to {max(times) * 1000:.0f})"
    )


def many(folder: Path, store: S3Store, count: int, size: int) -> None:
    """Push many at once to two workers; print the most that the process tree held."""
    wanted = digest(size)
    with on_s3(folder, store, workers=2) as server:
        server.wait_for_workers(2)
        idle = _tree(server)
        threads = [
            threading.Thread(target=push, args=(server.address, f"a/{n}", wanted, size), kwargs={"chunked": n % 2 == 0})
            for n in range(count)
        ]
        for thread in threads:
            thread.start()
        peak = idle
        while any(thread.is_alive() for thread in threads):
            peak = max(peak, _tree(server))
            time.sleep(0.2)
    print(
        f"{count} pushes of {size / 10**9:.0f} GB at once, two workers on S3: the process tree holds "
        f"{peak / MIB:.0f} MiB at most, {idle / MIB:.0f} MiB when idle"
    )


def _tree(server: Server) -> int:
    assert server.process is not None
    return tree_bytes(server.process.pid)


def main(gibibytes: int = 6, count: int = 8, gigabytes: int = 2) -> None:
    """Start a store, and measure."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for part in ("store", "one", "two"):
            (folder / part).mkdir()
        with seaweedfs(folder / "store") as store:
            commits(folder / "one", store, gibibytes * GIB)
            many(folder / "two", store, count, gigabytes * 10**9 // MIB * MIB)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
