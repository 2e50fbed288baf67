"""Retention as it is followed: on a real database, with a clock that tests move."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from ocireg.metadata import audit, facts, immutable_rules, registries, retained, tag_lists
from ocireg.metadata.audit import SYSTEM
from ocireg.metadata.window import Window
from ocireg.oci.digest import Digest
from ocireg.registry.retention import runner, verdicts
from ocireg.registry.retention.policy import Keep, Policy, Rule
from ocireg.registry.retention.preview import Wanted
from ocireg.registry.retention.service import Done
from tests.registry.collected import DAY, GRACE, HOUR, RETENTION, World
from tests.security.statements import statements

LAST_TWO = Policy((Rule(keep=Keep(last_pushed=2)),))


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path)
    yield made
    made.close()


def root(world: World) -> Any:
    return registries.root(world.database)


def keep(world: World, policy: Policy = LAST_TWO) -> None:
    """Let the root registry have a policy."""
    world.registry.retention.set(SYSTEM, root(world), policy)


def run(world: World) -> Done:
    return world.registry.retention.run(root(world))


def pushed(world: World, count: int, repository: str = "a/b") -> list[str]:
    """Push images an hour apart, as ``v1`` and so on; a week passes. Return their digests."""
    found = []
    for number in range(1, count + 1):
        found.append(world.image(f"{repository}{number}".encode(), tag=f"v{number}", repository=repository))
        world.pass_(HOUR)
    world.pass_(7 * DAY)
    return found


def test_what_no_rule_keeps_is_deleted_is_told_and_comes_back_until_it_is_collected(world: World) -> None:
    digests = pushed(world, 4)
    keep(world)
    done = run(world)
    assert (done.registries, done.repositories, done.tags, done.deleted) == (1, 1, 4, 2)
    assert world.tags() == {"v3", "v4"}
    (event, _) = audit.listed(world.database, Window(2), action="tag.expire")
    assert (event.actor, event.repository, event.subject) == ("retention", "a/b", "v2")
    assert event.detail == {"rule": 1, "reason": "rule 1: number 3 by push, and 2 stay", "digest": digests[1]}
    last = tag_lists.history(world.database, "a/b", Window(1), name="v1")[0]
    assert (last.digest, last.by) == (None, "retention")
    world.pass_(GRACE - 1)
    assert not world.collect()
    world.registry.tags.restore("a/b", "v1", Digest.parse(digests[0]))
    world.pass_(1)
    assert world.collect().manifests == 1
    assert world.manifests() == {digests[0], digests[2], digests[3]}


def test_a_tag_that_was_restored_counts_as_pushed_then(world: World) -> None:
    digests = pushed(world, 4)
    keep(world)
    run(world)
    world.registry.tags.restore("a/b", "v1", Digest.parse(digests[0]))
    assert run(world).deleted == 1
    assert world.tags() == {"v4", "v1"}


def test_nothing_is_done_where_there_is_no_policy_or_an_empty_one(world: World) -> None:
    pushed(world, 3)
    assert run(world) == Done()
    keep(world, Policy())
    assert not run(world)
    assert len(world.tags()) == 3
    assert world.registry.retention.remove(SYSTEM, root(world))
    assert not world.registry.retention.remove(SYSTEM, root(world))
    assert world.registry.retention.of(root(world)) is None


def test_each_repository_is_counted_by_itself(world: World) -> None:
    for name in ("a/b", "c/d"):
        pushed(world, 3, name)
    keep(world)
    assert run(world).deleted == 2
    assert world.tags("a/b") == world.tags("c/d") == {"v2", "v3"}


def test_signatures_and_fallback_tags_follow_their_subject(world: World) -> None:
    signed = world.image(b"signed", tag="v0")
    stands = [f"sha256-{signed.partition(':')[2]}{suffix}" for suffix in ("", ".sig", ".att", ".sbom")]
    for number, name in enumerate(stands):
        world.image(b"signature", tag=name, note=str(number))
    attached = world.image(b"attached", subject=signed)
    alone = f"sha256-{64 * '0'}.sig"
    world.image(b"of nothing", tag=alone)
    world.pass_(DAY)
    pushed(world, 2)
    keep(world)
    assert run(world).deleted == 2, "the image, and the signature of nothing"
    assert world.tags() == {"v1", "v2", *stands}
    world.pass_(GRACE)
    while world.collect():
        pass
    assert world.tags() == {"v1", "v2"}
    assert attached not in world.manifests()


def test_what_was_pulled_counts_by_the_manifest(world: World) -> None:
    digests = pushed(world, 3)
    with world.database.transaction():
        world.database.change("UPDATE manifest SET pulled_at = ? WHERE digest = ?", world.clock(), digests[0])
    keep(world, Policy((Rule(keep=Keep(last_pulled=1)),)))
    assert run(world).deleted == 2
    assert world.tags() == {"v1"}


Meanwhile = Callable[[World, list[str]], None]


@pytest.mark.parametrize(
    ("meanwhile", "left"),
    [
        (lambda world, _: world.untag("v4"), {"v2", "v3"}),
        (lambda world, _: world.image(b"other", tag="v1"), {"v1", "v3", "v4"}),
        (lambda world, _: world.image(b"other", tag="v5"), {"v3", "v4", "v5"}),
        (lambda world, digests: world.delete(digests[3]), {"v2", "v3"}),
        (lambda world, _: keep(world, Policy()), {"v1", "v2", "v3", "v4"}),
        (lambda world, _: world.registry.retention.remove(SYSTEM, root(world)), {"v1", "v2", "v3", "v4"}),
    ],
    ids=["one that stays is deleted", "one that goes is pushed", "another is pushed", "a manifest is deleted",
         "another policy", "no policy"],
)  # fmt: skip
def test_what_happens_between_the_verdict_and_the_deletion_counts(
    world: World, monkeypatch: pytest.MonkeyPatch, meanwhile: Meanwhile, left: set[str]
) -> None:
    digests = pushed(world, 4)
    keep(world)
    judged, happened = verdicts.judge, list[bool]()

    def late(*given: Any) -> Any:
        found = judged(*given)
        if not happened:
            happened.append(True)
            meanwhile(world, digests)
        return found

    monkeypatch.setattr(runner, "judge", late)
    run(world)
    assert world.tags() == left


def test_an_immutable_tag_stays_and_the_preview_says_so(world: World) -> None:
    pushed(world, 4)
    keep(world)
    with world.database.transaction():
        immutable_rules.add(world.database, root(world).id, immutable_rules.Rule(("v1",)))
    found = world.registry.retention.preview(root(world), LAST_TWO, Wanted()).shown
    reasons = {one.verdict.tag.name: one.verdict.reason for one in found}
    assert reasons["v1"].startswith("it is immutable (rule: ")
    assert run(world).deleted == 1
    assert world.tags() == {"v1", "v3", "v4"}


def test_a_preview_is_what_a_run_does_and_changes_nothing(world: World) -> None:
    for name in ("a/b", "c/d", "e/f"):
        pushed(world, 4, name)
    found = world.registry.retention.preview(root(world), LAST_TWO, Wanted(size=5))
    assert (found.repositories, found.tags, found.deleted, found.kept, found.cut) == (3, 12, 6, 6, False)
    shown = [one.place for one in found.shown]
    while found.more:
        found = world.registry.retention.preview(root(world), LAST_TWO, Wanted(size=5, after=found.more))
        shown += [one.place for one in found.shown]
    assert shown == [f"{name}:v{n}" for name in ("a/b", "c/d", "e/f") for n in (1, 2, 3, 4)]
    going = world.registry.retention.preview(root(world), LAST_TWO, Wanted(keep=False, repository="c/d"))
    assert [one.place for one in going.shown] == ["c/d:v1", "c/d:v2"]
    assert len(world.tags()) == 4


def test_a_preview_that_takes_long_says_where_it_goes_on(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a/b", "c/d"):
        pushed(world, 2, name)
    monkeypatch.setattr("ocireg.registry.retention.preview.PATIENCE", -1.0)
    found = world.registry.retention.preview(root(world), LAST_TWO, Wanted())
    assert (found.cut, found.more, len(found.shown)) == (True, "a/b:~", 2)
    found = world.registry.retention.preview(root(world), LAST_TWO, Wanted(after=found.more))
    assert [one.place for one in found.shown] == ["c/d:v1", "c/d:v2"]


def test_policies_are_followed_when_they_are_due_or_asked_for(world: World) -> None:
    retention = world.registry.retention
    pushed(world, 3)
    keep(world)
    assert retention.run().deleted == 1, "one that was never followed is due"
    assert retention.run().registries == 0
    world.pass_(HOUR)
    assert retention.run().registries == 1
    retention.ask(root(world))
    kept = retention.of(root(world))
    assert kept is not None
    assert kept.asked
    assert retention.turns.asked() == {"one": True}
    assert retention.asked({"one": True}).registries == 1
    kept = retention.of(root(world))
    assert kept is not None
    assert (kept.asked, kept.ran_at) == (False, world.clock())
    assert kept.report == {"repositories": 1, "tags": 2, "deleted": 0, "unsettled": 0, "ended": False}
    assert retention.turns.last().report == {"registries": 1, "repositories": 1, "tags": 2, "deleted": 0}


def test_where_another_process_is_at_it_nothing_is_done(world: World) -> None:
    pushed(world, 3)
    keep(world)
    with world.registry.retention.turns.take():
        assert run(world).busy
    assert len(world.tags()) == 3


def test_a_repository_that_changes_all_the_time_is_left_for_the_next_run(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    pushed(world, 4)
    keep(world)
    judged = verdicts.judge

    def restless(*given: Any) -> Any:
        found = judged(*given)
        world.image(str(world.clock()).encode(), tag="v4")
        world.pass_(1)
        return found

    monkeypatch.setattr(runner, "judge", restless)
    assert run(world).deleted == 0
    kept = world.registry.retention.of(root(world))
    assert kept is not None
    assert kept.report["unsettled"] == 1


def test_tags_are_deleted_some_at_a_time_for_the_same_reads_each_time(world: World) -> None:
    with world.database.transaction():
        world.database.change("INSERT INTO repository (id, registry_id, name, created_at) VALUES (1, 1, 'a/b', 0)")
        numbers = range(1, 1001)
        world.database.run_many(
            "INSERT INTO manifest (id, repository_id, digest, size, media_type, key, annotations, pushed_at) "
            "VALUES (?1, 1, ?1, 1, 'x/y', ?1, '{}', 0)",
            [(number,) for number in numbers],
        )
        world.database.run_many(
            "INSERT INTO tag (repository_id, name, manifest_id, pushed_at) VALUES (1, ?1, ?1, 0)",
            [(number,) for number in numbers],
        )
    keep(world, Policy((Rule(keep=Keep(last_pushed=700)),)))
    with statements() as found:
        assert run(world).deleted == 300
    reads = [one for one in found if one.lstrip().startswith(("SELECT", "WITH"))]
    assert len(reads) < 60 + 300  # one a tag: whether that is immutable
    assert len([one for one in found if one.startswith("BEGIN")]) <= 6 + 4
    assert retained.newest_change(world.database, 1) == 300


def untagged(days: int) -> Policy:
    return Policy(untagged_after_days=days)


@pytest.mark.parametrize(("days", "gone"), [(2, 2 * DAY), (60, 60 * DAY)], ids=["sooner", "later"])
def test_a_policy_says_how_long_what_has_no_tag_stays(world: World, days: int, gone: float) -> None:
    keep(world, untagged(days))
    digest = world.image(b"x")
    why = world.registry.why.manifest("a/b", digest)
    assert why is not None
    assert why.goes_at == world.clock() + gone
    world.pass_(gone - 1)
    assert not world.collect()
    world.pass_(1)
    assert world.registry.collector.next_due() == world.clock()
    assert world.collect().manifests == 1


@pytest.mark.parametrize(
    ("first", "then", "gone"),
    [(None, 2, 2), (60, 2, 2), (2, 60, 60), (2, None, 30), (0, 3, 3), (2, 40, 40)],
    ids=["it is new", "it is shorter", "it is longer", "it went", "it was for ever", "it is longer than the setting"],
)
def test_a_policy_that_changes_holds_for_what_waits_already(
    world: World, first: int | None, then: int | None, gone: int
) -> None:
    if first is not None:
        keep(world, untagged(first))
    digest = world.image(b"x")
    world.pass_(DAY)
    assert not world.collect()
    if then is None:
        world.registry.retention.remove(SYSTEM, root(world))
    else:
        keep(world, untagged(then))
    why = world.registry.why.manifest("a/b", digest)
    assert why is not None
    assert why.goes_at == world.clock() + (gone - 1) * DAY
    world.pass_((gone - 1) * DAY - 1)
    assert not world.collect()
    world.pass_(1)
    assert world.collect().manifests == 1


def test_for_ever_is_for_ever_by_a_policy_too(world: World) -> None:
    keep(world, untagged(0))
    digest = world.image(b"x")
    due = world.registry.collector.next_due()
    assert due == world.clock() + HOUR, "that of the protection of its blobs"
    world.pass_(400 * DAY)
    assert not world.collect().manifests
    why = world.registry.why.manifest("a/b", digest)
    assert why is not None
    assert why.goes_at is None


def test_a_policy_is_for_its_registry_alone_and_a_repository_that_moves_has_that_of_the_other(world: World) -> None:
    with world.database.transaction():
        world.database.change("INSERT INTO organization (id, slug, name, created_at) VALUES (1, 'acme', 'x', 0)")
        new = registries.add(world.database, 1, "apps", name="x")
    keep(world, untagged(2))
    apps = registries.by_id(world.database, new)
    assert apps is not None
    world.registry.retention.set(SYSTEM, apps, untagged(5))
    for name in ("a/b", "c/d", "acme/apps/web"):
        world.image(b"x", repository=name)
    with world.database.transaction():
        world.database.change("UPDATE repository SET registry_id = ? WHERE name = 'c/d'", new)
    world.pass_(2 * DAY)
    world.collect()
    assert [bool(world.manifests(name)) for name in ("a/b", "c/d", "acme/apps/web")] == [False, True, True]
    world.pass_(3 * DAY)
    world.collect()
    assert not world.manifests("c/d") | world.manifests("acme/apps/web")
    assert 5 * DAY < RETENTION


def test_nothing_is_judged_while_the_database_may_not_know_what_was_pushed(world: World) -> None:
    pushed(world, 4)
    keep(world)
    with world.database.transaction():
        facts.fall_behind(world.database, "it was restored")
    assert run(world).held
    assert world.registry.retention.asked({}).held
    assert world.tags() == {"v1", "v2", "v3", "v4"}
