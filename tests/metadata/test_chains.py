"""Chains of layers, and the migration that makes them of what is there."""

from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from playhouse.migrations import Runner

from ocireg.metadata.chains import chains
from ocireg.metadata.migrate import FOLDER
from tests.registry.built import Built, platform

LAYERS = st.lists(st.sampled_from([f"sha256:{one * 64}" for one in "abc"]), max_size=6)
KEPT = (
    "SELECT * FROM image_chain ORDER BY 1",
    "SELECT * FROM image_parent ORDER BY 1, 2, 3",
    "SELECT sql FROM sqlite_schema WHERE name LIKE '%image_%' OR name LIKE 'tag_event%' ORDER BY name",
)


@given(LAYERS, LAYERS)
def test_chains_are_alike_as_far_as_layers_are(one: list[str], other: list[str]) -> None:
    for place, (first, second) in enumerate(zip(chains(one), chains(other), strict=False), 1):
        assert (first == second) is (one[:place] == other[:place])
    assert len(set(chains(one))) == len(one)


def test_the_migration_makes_of_what_is_there_what_pushes_make(tmp_path: Path) -> None:
    built = Built(tmp_path)
    first = built.image("1", b"1")
    built.image("2", b"1", b"2", repository="c/d")
    built.image("none")
    built.artifact("file", (b"x", "text/plain"))
    built.index("all", (first, platform("linux", "amd64")), (first, platform("linux", "arm64")))
    before = [built.database.fetch_all(one) for one in KEPT]
    assert [len(rows) for rows in before[:2]] == [2, 1]
    with built.database.transaction():
        for table in ("image_chain", "image_parent", "image_platform"):
            built.database.fetch_all(f"DROP TABLE {table}")
        built.database.fetch_all("DROP INDEX tag_event_digest")
        built.database.fetch_all("DELETE FROM schema_migration WHERE name = '0009_images' RETURNING 1")
    assert list(Runner(built.database.peewee, str(FOLDER)).up()) == ["0009_images"]
    assert [built.database.fetch_all(one) for one in KEPT] == before
    built.close()
