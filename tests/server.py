"""A real ``ocireg serve`` on a free port, for tests that need sockets, processes and signals."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import requests


def free_port() -> int:
    """Return a port of loopback that was free a moment ago."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def stop(pid: int) -> None:
    """Stop a process, and wait until each of its threads has: a signal takes its time."""
    os.kill(pid, signal.SIGSTOP)
    until = time.monotonic() + 30
    while not all(_state(task) == "T" for task in Path(f"/proc/{pid}/task").iterdir()):
        assert time.monotonic() < until, f"{pid} does not stop"
        time.sleep(0.005)


def _state(task: Path) -> str:
    return (task / "stat").read_text().rpartition(")")[2].split()[0]


def _is_setting(name: str) -> bool:
    """Say whether a variable is one that the program would read; those of the tests it would not."""
    return name in {"PORT", "DATABASE_URL"} or (name.startswith("OCIREG_") and not name.startswith("OCIREG_TEST_"))


def environment(**settings: object) -> dict[str, str]:
    """Return this environment without the settings of whoever runs the tests, and with those given."""
    kept = {name: value for name, value in os.environ.items() if not _is_setting(name)}
    return kept | {f"OCIREG_{name.upper()}": str(value) for name, value in settings.items()}


class Server:
    """A server over ``folder / "data"``; settings by name. It can be killed and started again on the same data."""

    def __init__(
        self, folder: Path, *, prefix: tuple[str, ...] = (), module: str = "ocireg", **settings: object
    ) -> None:
        self.folder = folder
        self.data = folder / "data"
        self.log = folder / "serve.log"
        self.address = f"127.0.0.1:{free_port()}"
        self.url = f"http://{self.address}"
        self.prefix = prefix
        self.module = module
        self.settings = {"data": self.data, "bind": self.address, "low_water": 0, "open": "true", **settings}
        self.settings.setdefault("backup_interval", 0)  # so that the store has what the tests put there
        self.process: subprocess.Popen[bytes] | None = None
        self.session: requests.Session | None = None

    def start(self, *, wait: bool = True) -> Self:
        """Start it, and wait until it answers."""
        command = [*self.prefix, sys.executable, "-m", self.module, "serve"]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                command, env=environment(**self.settings), stdout=log, stderr=log, start_new_session=True
            )
        if wait:
            self.wait_until_ready()
        return self

    def wait_until_ready(self) -> None:
        """Wait until it answers; fail with its log if it ends or is silent for a minute."""
        assert self.process is not None
        until = time.monotonic() + 60
        while time.monotonic() < until and self.process.poll() is None:
            try:
                if (self.session or requests).get(f"{self.url}/readyz", timeout=5).status_code == 200:
                    return
            except requests.ConnectionError:
                time.sleep(0.05)
        raise AssertionError(f"it does not serve:\n{self.log.read_text()}")

    def stop(self) -> int:
        """Stop it as an operator would; return its exit status."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.terminate()
        return self.process.wait(60)

    def kill(self) -> None:
        """Kill the whole of it, as a loss of power would but for the disk."""
        assert self.process is not None
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait(60)

    def workers(self) -> list[int]:
        """Return the pids of the worker processes."""
        assert self.process is not None
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def served(self, method: str, path: str) -> list[int]:
        """Return the pids of the workers that answered such requests, in their order, from the access log."""
        pattern = rf'<(\d+)> \S+ "{method} {re.escape(path)} '
        return [int(pid) for pid in re.findall(pattern, self.log.read_text())]

    def wait_for_workers(self, count: int) -> list[int]:
        """Wait until ``count`` workers have answered; return their pids."""
        until = time.monotonic() + 60
        while len(found := set(self.served("GET", "/healthz")) & set(self.workers())) < count:
            assert time.monotonic() < until, "the workers do not come up"
            requests.get(f"{self.url}/healthz", timeout=30)
        return sorted(found)

    def run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """Run another ``ocireg`` command with the same settings."""
        return subprocess.run(
            [sys.executable, "-m", "ocireg", *arguments],
            env=environment(**self.settings),
            capture_output=True,
            text=True,
            check=False,
        )

    def clean_up(self) -> dict[str, Any]:
        """Remove everything that is left over, however young; return the report."""
        done = self.run("gc", "--uploads", "0", "--grace", "0", "--json")
        assert done.returncode == 0, done.stderr
        report: dict[str, Any] = json.loads(done.stdout)
        return report

    def __enter__(self) -> Self:
        """Start."""
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, however it went."""
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


@contextmanager
def stopped_at_the_end(process: subprocess.Popen[Any]) -> Iterator[None]:
    """Let a process live as long as the block."""
    try:
        yield
    finally:
        if process.poll() is None:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
