"""What a collection costs is what has changed, not what is stored: statements, and steps of SQLite, are counted."""

from pathlib import Path
from typing import Any

import pytest

from ocireg.registry.collection import Collection
from ocireg.registry.collector import Collector
from ocireg.registry.roots import Delays
from tests.registry.collected import BYTES, GRACE, HOUR, PROTECTION, RETENTION, World
from tests.security.statements import statements

GONE = 10
CONFIG = f"sha256:{0:064x}"
STEP = 10
"""Of SQLite's virtual machine: so many count as one."""

_MANIFEST = (
    "INSERT INTO manifest (id, repository_id, digest, size, media_type, key, annotations, pushed_at) "
    "VALUES (?1, 1, ?2, 1, 'x/y', ?1, '{}', ?3)"
)
_BLOB = "INSERT INTO blob (id, digest, size, key, created_at) VALUES (?1, ?2, 1, ?1, 0)"
_LINK = "INSERT INTO repository_blob VALUES (1, ?, 0)"
_TAG = "INSERT INTO tag (repository_id, name, manifest_id, pushed_at) VALUES (1, ?1, ?1, 0)"
_REFERENCE = (
    "INSERT INTO manifest_reference (manifest_id, position, kind, digest, media_type, size, repository_id) "
    "VALUES (?, ?, 'layer', ?, 'x/y', 1, 1)"
)


def filled(folder: Path, count: int) -> World:
    """Return a registry of so many images, each with a tag and a layer of its own, and all with the same config."""
    world = World(folder)
    numbers = range(1, count + 1)
    with world.database.transaction():
        world.database.change("INSERT INTO repository (id, registry_id, name, created_at) VALUES (1, 1, 'a/b', 0)")
        layers = {number: f"sha256:{number:064x}" for number in numbers}
        world.database.run_many(_BLOB, [(0, CONFIG), *layers.items()])
        world.database.run_many(_LINK, [(number,) for number in (0, *numbers)])
        manifests = [(number, f"sha256:f{number:063x}", world.clock()) for number in numbers]
        world.database.run_many(_MANIFEST, manifests)
        world.database.run_many(_TAG, [(number,) for number in numbers])
        world.database.run_many(_REFERENCE, [(number, 0, CONFIG) for number in numbers])
        world.database.run_many(_REFERENCE, [(number, 1, layers[number]) for number in numbers])
    return world


def cost(world: World) -> tuple[Collection, int, int]:
    """Delete ten tags, and collect; return what was done in how many statements and steps, the deletes included."""
    delays = Delays(GRACE, RETENTION)
    # Of a pace that no machine is too slow for: else the statements would tell of the machine.
    steady = Collector(world.database, delays, protection=PROTECTION, grace=BYTES, pace=HOUR)
    steps = 0

    def count() -> int:
        nonlocal steps
        steps += 1
        return 0

    connection: Any = world.database.peewee.connection()
    connection.set_progress_handler(count, STEP)
    with statements() as found:
        for number in range(1, GONE + 1):
            world.untag(str(number))
        world.pass_(GRACE + PROTECTION)
        done = steady.run()
    connection.set_progress_handler(None, STEP)
    return done, len(found), steps


@pytest.mark.faults
def test_ten_of_100000_manifests_cost_what_ten_of_twenty_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    measured = {}
    for count in (20, 100_000):
        world = filled(tmp_path / str(count), count)
        measured[count] = cost(world)
        assert len(world.manifests()) == count - GONE
        world.close()
    with capsys.disabled():
        for count, (done, asked, steps) in measured.items():
            print(f"\n{count} manifests stored, {GONE} deleted: {asked} statements, {steps * STEP} steps; {done}")
    (few, few_statements, few_steps), (many, many_statements, many_steps) = measured.values()
    assert few == many
    assert (many.manifests, many.links, many.reviewed) == (GONE, GONE, 2 * GONE + 1)  # and the config, which stays
    assert few_statements == many_statements
    assert few_steps == many_steps
