"""A check beside pushes, deletes, mounts and collection: what they do is no fault."""

import threading
from pathlib import Path

import pytest

from ocireg.errors import RegistryError
from ocireg.registry.check import Check
from tests.registry.collected import World

ROUNDS = 12
GRACE = 30.0


@pytest.fixture
def busy(tmp_path: Path) -> World:
    """An installation where what can go goes soon."""
    store = f"file:{tmp_path / 'store'}"
    return World(
        tmp_path, store=store, gc_grace=0, orphan_grace=GRACE, upload_protection="0.001s", untagged_retention="1s"
    )


def _churn(world: World, number: int) -> None:
    repository = f"a/{number}"
    for count in range(ROUNDS):
        try:
            world.image(b"shared", f"own {number} {count}".encode(), tag=f"v{count % 3}", repository=repository)
            world.mount(world.blob(b"mounted", repository), repository, "a/b")
            world.untag(f"v{count % 3}", repository)
        except RegistryError:
            continue  # with no protection, a blob may go before its manifest comes
    world.database.close()


def _tidy(world: World, ended: threading.Event) -> None:
    while not ended.is_set():
        world.pass_(GRACE + 1)
        world.collect(now=True)
        world.registry.sweep.run()
    world.database.close()


def test_a_check_while_all_goes_on_finds_nothing(busy: World) -> None:
    checking = Check(busy.database, busy.storage, grace=GRACE, lease=1e9)  # time flies
    ended = threading.Event()
    pushers = [threading.Thread(target=_churn, args=(busy, number), daemon=True) for number in range(2)]
    tidier = threading.Thread(target=_tidy, args=(busy, ended), daemon=True)
    for one in (*pushers, tidier):
        one.start()
    checks = 0
    try:
        while any(one.is_alive() for one in pushers):
            found = checking.run(digests=bool(checks % 2), repair=bool(checks % 3))
            assert (found.whole, found.faults) == (True, [])
            checks += 1
    finally:
        ended.set()
        tidier.join()
    assert checks > 1
    busy.close()
