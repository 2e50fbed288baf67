"""Fifty who log in by password at once fit into a small machine, and whoever has to wait is told so."""

import threading
from collections import Counter
from pathlib import Path

import pytest
import requests

from ocireg.installation import open_manager
from ocireg.metadata.audit import SYSTEM
from tests.auth.house import PASSWORD
from tests.server import Server
from tests.settings import settings_for
from tests.web.basic import basic

AT_ONCE = 50
ROOM = 512 * 2**20
BETWEEN = 200 * 2**20
"""Between what a worker has after the first login and after the last: a hash for each of its threads would be more."""


def peak(pid: int) -> int:
    """Return the most memory that a process ever had (bytes, resident)."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(one for one in lines if one.startswith("VmHWM:")).split()[1]) * 1024


@pytest.mark.usefixtures("shipped_passwords")
def test_fifty_logins_by_password_at_once_fit_into_half_a_gigabyte(tmp_path: Path) -> None:
    """Half of them are wrong, and of names that nobody has: those cost as much."""
    statuses: Counter[int] = Counter()
    lock, together = threading.Lock(), threading.Barrier(AT_ONCE)
    with Server(tmp_path, open="false", workers=1, threads=64, login_failures=1000, admin_token="x" * 20) as server:
        manager = open_manager(settings_for(tmp_path, open="false"))
        for number in range(AT_ONCE // 2):
            manager.users.create(SYSTEM, f"user-{number}", password=PASSWORD)

        (worker,) = server.workers()
        requests.get(f"{server.url}/v2/", headers=basic(PASSWORD, "user-0"), timeout=120)
        before = peak(worker)

        def log_in(number: int) -> None:
            together.wait()
            answer = requests.get(f"{server.url}/v2/", headers=basic(PASSWORD, f"user-{number}"), timeout=120)
            if answer.status_code == 429:
                assert int(answer.headers["Retry-After"]) >= 1
            with lock:
                statuses[answer.status_code if number < AT_ONCE // 2 else -answer.status_code] += 1

        threads = [threading.Thread(target=log_in, args=(number,)) for number in range(AT_ONCE)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        assert server.process is not None
        after = peak(worker)
        most = after + peak(server.process.pid)
    print(f"{AT_ONCE} logins at once: {dict(statuses)}, {most / 2**20:.0f} MiB at most")
    assert sum(statuses.values()) == AT_ONCE
    assert set(statuses) <= {200, 429, -401, -429}
    assert statuses[200] > 0
    assert most < ROOM
    assert after - before < BETWEEN
