"""The commands of the page on access, as they are written there, in their order."""

import re
import shlex
from pathlib import Path

from tests.cli.commanded import Commands

PAGE = (Path(__file__).parents[2] / "docs" / "access.rst").read_text()


def test_the_commands_of_the_page_on_access_work(run: Commands) -> None:
    lines = re.findall(r"^    ocireg (.+)$", PAGE, re.MULTILINE)
    assert len(lines) > 6
    for line in lines:
        run(*shlex.split(line))
