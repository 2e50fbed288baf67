"""Which registry a name belongs to, and what somebody is told of it: tables written by hand."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from ocireg.auth.access import Action
from ocireg.auth.actor import ANONYMOUS, ANYBODY, Actor
from ocireg.auth.places import Verdict, judge, locate
from ocireg.metadata.audit import SYSTEM
from tests.auth.house import CONTAINERS, SHOWN, House
from tests.auth.house import house as built

OK, NO, ABSENT = Verdict.ALLOWED, Verdict.REFUSED, Verdict.ABSENT


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for all: nothing is changed in it."""
    with built(tmp_path_factory.mktemp("house")) as made:
        yield made


@pytest.fixture(scope="module")
def rootless(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One whose root registry is switched off."""
    with built(tmp_path_factory.mktemp("house"), root_registry="false") as made:
        yield made


def actor(house: House, who: str) -> Actor:
    """Return somebody by name; ``bound`` is a temporary token of the reader's."""
    if who == "bound":
        return house.actor("reader").reading_only(house.id_of(CONTAINERS), 2e9)
    return {"anonymous": ANONYMOUS, "anybody": ANYBODY}.get(who) or house.actor(who)


@pytest.mark.parametrize(
    ("name", "registry", "organization"),
    [
        ("app", "", None),
        ("library/app", "", None),
        ("nobody/containers/app", "", None),
        ("acme/containers/app", CONTAINERS, "acme"),
        ("acme/containers/a/b/c/d", CONTAINERS, "acme"),
        ("acme/shown/app", SHOWN, "acme"),
        ("acme/none/app", None, "acme"),
        ("acme/containers", None, "acme"),
        ("acme", None, "acme"),
        ("acme-2/containers/app", "", None),
        ("containers/acme/app", "", None),
    ],
)
def test_a_name_belongs_where_its_first_parts_say(
    house: House, rootless: House, name: str, registry: str | None, organization: str | None
) -> None:
    found = locate(house.view, house.settings, name)
    assert (found.registry.path if found.registry else None) == registry
    assert (found.organization.slug if found.organization else None) == organization
    without = locate(rootless.view, rootless.settings, name)
    assert (without.registry.path if without.registry else None) == (registry or None)


PULL, PUSH, DELETE = Action.PULL, Action.PUSH, Action.DELETE
TABLE = [
    # who, action, private, public, root, gap in acme, nobody's
    ("anonymous", PULL, NO, OK, NO, NO, NO),
    ("anonymous", PUSH, NO, NO, NO, NO, NO),
    ("stranger", PULL, NO, OK, NO, NO, NO),
    ("stranger", PUSH, NO, NO, NO, NO, NO),
    ("reader", PULL, OK, OK, NO, NO, NO),
    ("reader", PUSH, NO, NO, NO, NO, NO),
    ("reader", DELETE, NO, NO, NO, NO, NO),
    ("writer", PUSH, OK, NO, NO, NO, NO),
    ("writer", DELETE, OK, NO, NO, NO, NO),
    ("member", PULL, OK, OK, NO, ABSENT, NO),
    ("member", PUSH, NO, NO, NO, ABSENT, NO),
    ("head", PUSH, OK, OK, NO, ABSENT, NO),
    ("other", PULL, NO, OK, NO, NO, NO),
    ("rooted", PULL, ABSENT, OK, OK, ABSENT, OK),
    ("rooted", PUSH, ABSENT, NO, OK, ABSENT, OK),
    ("rooted", DELETE, ABSENT, NO, OK, ABSENT, OK),
    ("bound", PULL, OK, OK, NO, NO, NO),
    ("bound", PUSH, NO, NO, NO, NO, NO),
    ("anybody", PULL, OK, OK, OK, ABSENT, OK),
    ("anybody", PUSH, OK, OK, OK, ABSENT, OK),
    ("admin", PUSH, OK, OK, OK, ABSENT, OK),
    ("admin", DELETE, OK, OK, OK, ABSENT, OK),
]
NAMES = ("acme/containers/app", "acme/shown/app", "app", "acme/none/app", "nobody/none/app")


@pytest.mark.parametrize(("who", "action", "verdicts"), [(who, action, told) for who, action, *told in TABLE])
def test_what_becomes_of_a_request_is_as_the_table_says(
    house: House, who: str, action: Action, verdicts: list[Verdict]
) -> None:
    somebody = actor(house, who)
    assert [judge(house.view, house.settings, somebody, action, name).verdict for name in NAMES] == verdicts


@pytest.mark.parametrize("who", ["anonymous", "stranger", "reader", "other", "rooted", "bound"])
@pytest.mark.parametrize("action", [PULL, PUSH, DELETE])
def test_nobody_else_can_tell_what_an_organization_hides_from_what_it_has_not(
    house: House, who: str, action: Action
) -> None:
    hidden = "umbrella/goods/app" if who != "other" else "acme/containers/app"
    missing = "umbrella/none/app" if who != "other" else "acme/none/app"
    somebody = actor(house, who)
    there = judge(house.view, house.settings, somebody, action, hidden)
    assert there == judge(house.view, house.settings, somebody, action, missing)
    assert not there.message
    assert there.creates is None


@pytest.mark.parametrize("who", ["stranger", "reader", "other", "rooted", "bound"])
@pytest.mark.parametrize("action", [PULL, PUSH, DELETE])
@pytest.mark.parametrize("root", [True, False])
def test_what_is_hidden_is_judged_as_what_nobody_claims(
    house: House, rootless: House, who: str, action: Action, root: bool
) -> None:
    """But where the name could be pushed to, or read: there the judgement is that of the root registry itself."""
    one = house if root else rootless
    somebody = actor(one, who)
    hidden = judge(one.view, one.settings, somebody, action, "umbrella/goods/app" if who != "other" else NAMES[0])
    free = judge(one.view, one.settings, somebody, action, "nobody/none/app")
    assert hidden.verdict is (ABSENT if free.verdict is OK else free.verdict)
    assert hidden.message == free.message == ""


@pytest.mark.parametrize("who", ["stranger", "rooted", "admin", "anybody"])
@pytest.mark.parametrize("action", [PULL, PUSH, DELETE])
def test_without_a_root_registry_what_nobody_claims_is_absent(rootless: House, who: str, action: Action) -> None:
    assert judge(rootless.view, rootless.settings, actor(rootless, who), action, "app").verdict is ABSENT


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("acme/none/app", "acme has no registry none: images are named acme/REGISTRY/IMAGE"),
        ("acme/containers", "images of acme are named acme/REGISTRY/IMAGE"),
        ("acme", "images of acme are named acme/REGISTRY/IMAGE"),
    ],
)
def test_a_member_is_told_how_images_are_named(house: House, name: str, message: str) -> None:
    for action in (PULL, PUSH):
        assert judge(house.view, house.settings, house.actor("member"), action, name).message == message


@pytest.mark.parametrize(
    ("who", "scopes", "name", "creates"),
    [
        ("head", None, "acme/new/app", ("acme", "new")),
        ("admin", None, "acme/new/a/b", ("acme", "new")),
        ("head", "write_packages write_registries", "acme/new/app", ("acme", "new")),
        ("head", "read_packages write_packages", "acme/new/app", None),
        ("head", "read_packages write_registries", "acme/new/app", None),
        ("head", None, "acme/new", None),
        ("head", None, "umbrella/new/app", None),
        ("member", None, "acme/new/app", None),
        ("keeper", None, "acme/new/app", None),
        ("rooted", None, "acme/new/app", None),
    ],
)
def test_a_push_makes_a_registry_where_the_setting_and_the_token_let_it(
    tmp_path: Path, who: str, scopes: str | None, name: str, creates: tuple[str, str] | None
) -> None:
    with built(tmp_path, create_on_push="true") as house:
        secret = house.token(who, scopes.split()) if scopes else house.token(who)
        somebody = house.log_in(secret).actor
        assert judge(house.view, house.settings, somebody, PUSH, name).creates == creates
        assert judge(house.view, house.settings, somebody, PULL, name).creates is None


def test_no_push_makes_a_registry_where_the_setting_is_off(house: House) -> None:
    assert judge(house.view, house.settings, house.actor("admin"), PUSH, "acme/new/app").creates is None


def test_a_registry_that_becomes_public_is_everybodys_to_read_and_nobody_elses_to_write(tmp_path: Path) -> None:
    with built(tmp_path) as house:
        house.manager.registries.change(SYSTEM, CONTAINERS, visibility="public")
        assert judge(house.view, house.settings, ANONYMOUS, PULL, NAMES[0]).verdict is OK
        assert judge(house.view, house.settings, ANONYMOUS, PUSH, NAMES[0]).verdict is NO
