"""What a reader of the tree may rely on."""

import ast
import configparser
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCES = sorted([*(ROOT / "ocireg").rglob("*.py"), *(ROOT / "backends").rglob("*.py")])


def imported(path: Path) -> set[str]:
    """Return the modules that a file imports anywhere."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {one.name for one in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
    return found


@pytest.mark.parametrize("path", sorted((ROOT / "ocireg" / "oci").glob("*.py")), ids=lambda path: path.name)
def test_the_protocol_code_imports_the_standard_library_and_itself(path: Path) -> None:
    outside = {one for one in imported(path) if one.partition(".")[0] not in sys.stdlib_module_names}
    assert all(one.startswith("ocireg.oci") for one in outside), outside


def test_every_package_is_listed_in_setup_cfg() -> None:
    parser = configparser.ConfigParser()
    parser.read(ROOT / "setup.cfg")
    listed = set(parser["options"]["packages"].split())
    there = {".".join(path.parent.relative_to(ROOT).parts) for path in SOURCES}
    assert listed == there


def test_no_module_is_long() -> None:
    assert [str(path.relative_to(ROOT)) for path in SOURCES if len(path.read_text().splitlines()) > 300] == []


def test_the_readme_is_short() -> None:
    assert len((ROOT / "README.rst").read_text().splitlines()) < 120


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_pickled(path: Path) -> None:
    assert not imported(path) & {"pickle", "marshal", "shelve", "dill"}
