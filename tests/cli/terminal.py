"""A terminal on which a command asks."""

import os
import pty
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from tests.server import environment, stopped_at_the_end


class Terminal:
    """What a user sees of a command, and types."""

    def __init__(self, process: subprocess.Popen[bytes], descriptor: int) -> None:
        self.process = process
        self.shown = ""
        self._descriptor = descriptor

    def wait_for(self, text: str) -> None:
        """Wait until it shows a text after what was read before."""
        found = b""
        while text.encode() not in found:
            found += os.read(self._descriptor, 4096)
        self.shown += found.decode()

    def type(self, text: str) -> None:
        """Type a line."""
        os.write(self._descriptor, f"{text}\n".encode())

    def end(self) -> int:
        """Wait until the command ends; return its exit status."""
        status = self.process.wait(30)
        self.shown += os.read(self._descriptor, 4096).decode()
        return status


@contextmanager
def on_terminal(arguments: Sequence[str]) -> Iterator[Terminal]:
    """Run a command on a terminal of its own."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ocireg", *arguments],
        env=environment(),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    with stopped_at_the_end(process), os.fdopen(theirs, "wb"), os.fdopen(ours, "r+b", buffering=0):
        yield Terminal(process, ours)


def answered(arguments: Sequence[str], *answers: str) -> tuple[str, int]:
    """Run a command, and type an answer at each prompt; return what was shown, and the exit status."""
    with on_terminal(arguments) as terminal:
        for answer in answers:
            terminal.wait_for(": ")
            terminal.type(answer)
        status = terminal.end()
        return terminal.shown, status
