"""Somebody with a client: every client by the same verbs."""

import re
import shlex
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.clients.access.programs import Client
from tests.clients.run import Run

TAG = "0.1.0"
REFUSED = re.compile(
    r"\b40[13]\b|unauthorized|denied|authori[sz]ation|insufficient.scope|invalid username/password", re.IGNORECASE
)
"""What clients say when the registry refuses: not a failure of another kind."""


Outcome = subprocess.CompletedProcess[str]


@dataclass
class Party:
    """Somebody with a client, at a registry. What each verb returns is how its last command ended."""

    client: Client
    run: Run
    address: str
    layout: Path
    daemon: str = ""
    shown: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        """Do what comes before all else."""
        for command in self.client.prepare:
            works(self._ended(command))

    def logged_in(self, name: str, secret: str) -> "Party":
        """Log in, which must work; return itself."""
        if done := self.login(name, secret):
            works(done)
        return self

    def login(self, name: str, secret: str) -> Outcome | None:
        """Log in. None: the client asks nobody, and shows name and secret when it needs to."""
        if not self.client.login:
            self.shown = f"--user {name}:{secret}"
            return None
        done = self._ended(self.client.login, name=name, secret=secret)
        if not self.client.believes:
            return done
        works(done)
        return None

    def load(self, repository: str) -> None:
        """Make ready what is to be pushed there."""
        if self.client.load:
            works(self._all(*self.client.load, repository=repository))

    def push(self, repository: str) -> Outcome:
        """Push what is ready to a repository."""
        return self._all(self.client.push, repository=repository)

    def load_and_push(self, repository: str) -> Outcome:
        """Push to a repository."""
        self.load(repository)
        return self.push(repository)

    def pull(self, repository: str) -> Outcome:
        """Pull from a repository."""
        return self._all(self.client.pull, repository=repository)

    def delete(self, repository: str) -> Outcome:
        """Delete the tag, or what it points at."""
        return self._all(self.client.delete, repository=repository)

    def copy(self, repository: str, other: str) -> Outcome:
        """Copy within the registry."""
        return self._all(*self.client.copy, repository=repository, other=f"{self.address}/{other}:{TAG}")

    def _all(self, *commands: str, repository: str, **values: str) -> Outcome:
        named = f"{self.address}/{repository}"
        values |= {"image": f"{named}:{TAG}", "repository": named, "parent": named.rpartition("/")[0]}
        done = [self._ended(command, **values) for command in commands]
        for one in done[:-1]:
            works(one)
        return done[-1]

    def _ended(self, command: str, **values: str) -> Outcome:
        folder = Path(tempfile.mkdtemp(dir=self.run.folder)) if "{folder}/back" in command else self.run.folder
        values |= {"daemon": self.daemon, "shown": self.shown, "address": self.address, "layout": str(self.layout)}
        return self.run.ended(*shlex.split(command.format(folder=folder, **values)))


def daemon_of(client: Client, request: pytest.FixtureRequest) -> str:
    """Start the daemon that a client needs, if any; return how the client is told of it."""
    if not client.needs:
        return ""
    found = request.getfixturevalue(client.needs)
    return f"-H {found}" if isinstance(found, str) else shlex.join(found[1:])


def works(done: Outcome) -> str:
    """Fail unless it worked; return what was printed."""
    assert done.returncode == 0, f"{done.args}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


def is_refused(done: Outcome) -> None:
    """Fail unless the registry refused it."""
    said = done.stdout + done.stderr
    assert done.returncode != 0, f"{done.args}\n{said}"
    assert REFUSED.search(said), f"{done.args}\n{said}"
