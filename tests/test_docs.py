"""The documentation says what the program does: what is made from tables is fresh, what is written names everything."""

import re
import shlex
from pathlib import Path

import pytest

from ocireg.cli import documentation
from ocireg.cli.commands import COMMANDS
from ocireg.cli.table import Command, leaves
from ocireg.config.settings import TABLE
from ocireg.errors import CODES

DOCS = Path(__file__).parents[1] / "docs"
LEAVES = dict(leaves(COMMANDS))


@pytest.mark.parametrize("page", sorted(documentation.PAGES))
def test_a_page_made_from_a_table_is_fresh(page: str) -> None:
    """``python -m ocireg.cli.documentation docs`` makes them again."""
    assert (DOCS / page).read_text() == documentation.PAGES[page]()


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row.name)
def test_every_setting_is_documented(row: object) -> None:
    assert getattr(row, "variable") in (DOCS / "configuration.rst").read_text()  # noqa: B009 - any row


@pytest.mark.parametrize(
    ("called", "command"), list(leaves(COMMANDS)), ids=lambda one: one if isinstance(one, str) else ""
)
def test_every_command_is_documented_with_its_arguments(called: str, command: Command) -> None:
    page = (DOCS / "commands.rst").read_text()
    section = re.search(
        rf"^ocireg {called}\n[-~^]+\n(.*?)(?=^ocireg [a-z ]+\n[-~^]+\n|\Z)", page, re.MULTILINE | re.DOTALL
    )
    assert section is not None
    assert command.usage(called) in section[1]
    for argument in command.arguments:
        assert f"\n``{argument.shown}``\n" in section[1]


@pytest.mark.parametrize(
    ("argument", "said"),
    [
        ("LEVEL", "What the user may do there: ``read``, ``write`` or ``admin``."),
        ("yes|no", "Whether it does: ``yes`` or ``no``."),
        ("--role ROLE", "The role, that of a member if unsaid: ``member`` or ``admin``."),
    ],
)
def test_values_are_documented_as_they_are_typed(argument: str, said: str) -> None:
    assert f"\n``{argument}``\n    {said}\n" in (DOCS / "commands.rst").read_text()


@pytest.mark.parametrize("row", CODES, ids=lambda row: f"{row.code}-{row.status}")
def test_every_error_is_documented(row: object) -> None:
    assert getattr(row, "code") in (DOCS / "errors.rst").read_text()  # noqa: B009 - any row


def test_every_decision_has_its_three_parts() -> None:
    for page in (DOCS / "decisions").glob("*.rst"):
        assert {"Context", "Choice", "Price"} <= set(page.read_text().splitlines()), page.name


def test_the_readme_names_only_pages_that_are_there() -> None:
    readme = (DOCS.parent / "README.rst").read_text()
    for name in re.findall(r"``((?:docs|conf|\.ci)/[\w./-]*)``", readme):
        assert (DOCS.parent / name).exists(), name


def test_the_commands_of_the_readme_are_the_ones_that_ci_runs() -> None:
    readme = (DOCS.parent / "README.rst").read_text()
    assert "python3 -m venv .venv && .venv/bin/pip install . && .venv/bin/ocireg serve" in readme
    test = "python3 -m venv .venv && .venv/bin/pip install -e '.[test]' && .venv/bin/pytest"
    assert test in readme
    wanted = shlex.split(test)
    lines = (DOCS.parent / ".ci" / "run").read_text().splitlines()
    assert wanted in [shlex.split(line.replace(" -q", "")) for line in lines if "'.[test]'" in line]
