"""An object store behind the registry: what the commit of a large layer takes, and what many pushes at once hold."""

import http.client
import statistics
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, replace
from pathlib import Path

from benchmarks.memory import digest, pieces, push
from benchmarks.process import tree_bytes
from tests.server import Server
from tests.stores.proxy import Proxy, proxy
from tests.stores.s3 import S3Store, seaweedfs
from tests.stores.served import on_s3

GIB, MIB = 2**30, 2**20
SMALL = 6 * MIB
ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Commit:
    """The closing PUT of a push.

    ``parts`` that the layer had in the store, the ``whole`` time of the request, and for how long of it the ``store``
    had a request in hand, in milliseconds.
    """

    parts: int
    whole: float
    store: float

    @property
    def rest(self) -> float:
        """What is left: the service, its SDK, its database."""
        return self.whole - self.store


def commit(address: str, between: Proxy, repository: str, size: int, wanted: str) -> Commit:
    """Push a blob of zeros; measure its closing PUT."""
    before = len(between.requests("PUT", "partNumber"))
    connection = http.client.HTTPConnection(address, timeout=600)
    connection.request("POST", f"/v2/{repository}/blobs/uploads/")
    answer = connection.getresponse()
    answer.read()
    location = answer.headers["Location"]
    connection.request("PATCH", location, pieces(size), {"Content-Length": str(size)})
    connection.getresponse().read()
    parts = len(between.requests("PUT", "partNumber")) - before
    began = time.monotonic()
    connection.request("PUT", f"{location}?digest={wanted}")
    answer = connection.getresponse()
    took = time.monotonic() - began
    if answer.status != http.client.CREATED:
        raise RuntimeError(answer.read())
    connection.close()
    (request,) = (one for one in between.seen if one.began >= began)  # one, whatever the size, and no copy
    while not request.ended:  # the proxy notes that after it has answered
        time.sleep(0.001)
    return Commit(parts, took * 1000, (request.ended - request.began) * 1000)


def commits(folder: Path, store: S3Store, large: int) -> None:
    """Compare the commit of a large layer with that of a small one: the store's share, and the rest.

    ``folder`` is best in memory: the database waits for its disk, now longer and now shorter, and that would hide what
    is compared.
    """
    wanted = {size: digest(size) for size in (SMALL, large)}
    found: dict[int, list[Commit]] = {size: [] for size in wanted}
    with proxy(store.endpoint) as between, on_s3(folder, replace(store, endpoint=between.url), workers=1) as server:
        for number, size in enumerate((SMALL, SMALL, SMALL, large) * ROUNDS):
            found[size].append(commit(server.address, between, f"a/{number}", size, wanted[size]))
    for size, some in found.items():
        print(
            f"commit on S3 of {size / MIB:.0f} MiB in {some[0].parts} parts, {len(some)} times: "
            f"{_spread([one.whole for one in some])}, of which the store's one request "
            f"{_spread([one.store for one in some])} and the rest {_spread([one.rest for one in some])}"
        )


def _spread(times: list[float]) -> str:
    return f"{statistics.median(times):.1f} ms ({min(times):.1f} to {max(times):.1f})"


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
    apart = "/dev/shm" if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryDirectory(dir=apart) as one:
        folder = Path(name)
        for part in ("store", "two"):
            (folder / part).mkdir()
        with seaweedfs(folder / "store") as store:
            commits(Path(one), store, gibibytes * GIB)
            many(folder / "two", store, count, gigabytes * 10**9 // MIB * MIB)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
