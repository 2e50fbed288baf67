"""What a push costs the worker: CPU for 256 MiB, by framing of the body."""

import statistics
import tempfile
from pathlib import Path

from benchmarks.memory import digest, push
from benchmarks.process import cpu_seconds
from tests.server import Server

SIZE = 256 * 2**20


def main(runs: int = 5) -> None:
    """Push in turn, and print medians."""
    wanted = digest(SIZE)
    with tempfile.TemporaryDirectory() as folder, Server(Path(folder), workers=1) as server:
        (worker,) = server.wait_for_workers(1)
        found: dict[bool, list[float]] = {False: [], True: []}
        for run in range(runs + 1):
            for chunked, costs in found.items():
                before = cpu_seconds(worker)
                push(server.address, f"a/{run}-{chunked}".lower(), wanted, SIZE, chunked=chunked)
                if run:  # the first is a warm-up
                    costs.append(cpu_seconds(worker) - before)
        for chunked, costs in found.items():
            framing = "chunked" if chunked else "of known length"
            spread = f"{min(costs):.2f} to {max(costs):.2f}"
            print(f"push of 256 MiB, {framing}: {statistics.median(costs):.2f} s of CPU ({spread})")


if __name__ == "__main__":
    main()
