"""Runs the diagnosis as a process: what is loaded once, as credentials are, is loaded anew."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.server import environment
from tests.stores.s3 import CREDENTIALS


def doctor(folder: Path, storage: str, *, command: str = "doctor", **variables: str) -> tuple[int, dict[str, Any]]:
    """Run the command. Return status, and findings by check."""
    arguments = [command, "--json"] if command == "doctor" else [command]
    done = subprocess.run(
        [sys.executable, "-m", "ocireg", *arguments],
        env=environment(data=folder / "data", low_water=0, storage=storage) | CREDENTIALS | variables,
        capture_output=True,
        text=True,
        check=False,
    )
    assert "Traceback" not in done.stderr
    found = json.loads(done.stdout) if command == "doctor" else []
    return done.returncode, {one["check"]: one for one in found}


def ended(found: dict[str, Any], verdict: str) -> dict[str, str]:
    """Return the messages of the checks that ended so."""
    return {name: one["message"] for name, one in found.items() if one["verdict"] == verdict}
