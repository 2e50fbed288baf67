"""A store as a process: started, waited for, stopped."""

import os
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.server import stopped_at_the_end


def require(program: Path | str | None, how: str) -> str:
    """Return a program; without it, skip, and say how to install it. In CI it must be there."""
    if program is not None and Path(program).exists():
        return str(program)
    if os.environ.get("CI"):
        pytest.fail(f"missing: {how}")
    pytest.skip(f"missing: {how}")


@contextmanager
def running(
    command: Sequence[str], log: Path, port: int, environ: Mapping[str, str] | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """Run ``command`` while the block lasts, once it listens on ``port`` of loopback; fail with its log if it ends."""
    with log.open("wb") as output:
        process = subprocess.Popen(command, stdout=output, stderr=output, cwd=log.parent, env=environ)
    with stopped_at_the_end(process):
        until = time.monotonic() + 60
        while True:
            assert process.poll() is None, log.read_text(errors="replace")
            assert time.monotonic() < until, log.read_text(errors="replace")
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield process
