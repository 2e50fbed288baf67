"""A terminal on which a command asks."""

import os
import pty
import subprocess
import sys
from collections.abc import Sequence

from tests.server import environment, stopped_at_the_end


def read_until(terminal: int, wanted: bytes) -> bytes:
    """Return what a terminal shows, up to what is waited for."""
    shown = b""
    while wanted not in shown:
        shown += os.read(terminal, 4096)
    return shown


def answered(arguments: Sequence[str], *answers: str, prompt: str = ": ") -> tuple[str, int]:
    """Run a command on a terminal, and type an answer at each prompt; return what was shown, and the exit status."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "ocireg", *arguments],
        env=environment(),
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
    )
    with stopped_at_the_end(process), os.fdopen(theirs, "wb"), os.fdopen(ours, "r+b", buffering=0) as terminal:
        shown = b""
        for answer in answers:
            shown += read_until(terminal.fileno(), prompt.encode())
            terminal.write(f"{answer}\n".encode())
        status = process.wait(30)
        return (shown + os.read(terminal.fileno(), 4096)).decode(), status
