"""Garbage collection where tags are immutable."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ocireg.metadata import immutable_rules, registries
from ocireg.metadata.immutable_rules import Rule
from tests.registry.collected import DAY, GRACE, World

LAYER = b"layer"


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


@pytest.mark.parametrize(
    ("rule", "stays"),
    [
        (None, False),
        (Rule(("*",)), False),
        (Rule(("*",), exceptions=("*.sig",), fallback_tags=True), False),
        (Rule(("*",), repositories=("a/c",), fallback_tags=True), False),
        (Rule(("*.sig",), fallback_tags=True), True),
    ],
)
def test_an_orphaned_fallback_tag_stays_where_a_rule_binds_it(world: World, rule: Rule | None, *, stays: bool) -> None:
    subject = world.image(LAYER)
    tag = f"{subject.replace(':', '-')}.sig"
    signature = world.image(b"signature", tag=tag)
    if rule:
        with world.database.transaction():
            immutable_rules.add(world.database, registries.root(world.database).id, rule)
    world.delete(subject)
    world.pass_(2 * GRACE)
    world.collect()
    assert (world.tags() if stays else world.manifests()) == ({tag} if stays else set())
    assert world.head_manifest(signature) is stays
    world.pass_(400 * DAY)
    world.collect()
    assert world.head_manifest(signature) is stays


def test_what_an_immutable_tag_leads_to_is_no_garbage(world: World) -> None:
    with world.database.transaction():
        immutable_rules.add(world.database, registries.root(world.database).id, Rule(("v*",)))
    child = world.image(LAYER)
    world.index(child, tag="v1")
    world.image(b"other", tag="free")
    world.untag("free")
    before = world.manifests()
    world.pass_(400 * DAY)
    world.collect()
    assert len(before) - len(world.manifests()) == 1
    assert world.head_manifest(child)
