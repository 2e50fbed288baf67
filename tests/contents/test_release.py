"""The os-release of an image."""

import pytest

from ocireg.contents.release import Distribution, parse

DEBIAN = """
PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
# a comment
ID=debian
"""


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (DEBIAN, Distribution("Debian GNU/Linux", "12", "debian")),
        ("NAME='Alpine Linux'\nID=alpine\nVERSION_ID=3.20.1", Distribution("Alpine Linux", "3.20.1", "alpine")),
        ('ID="arch"\nBUILD_ID=rolling', Distribution("arch", "rolling", "arch")),
        ('NAME="no end\nVERSION="1 (one)"', Distribution('"no end', "1 (one)", "")),
        ("NAME=a\\ b", Distribution("a b", "", "")),
        ("NAME=\x1b[31mred\u202e", Distribution("[31mred", "", "")),
        ("NAME=" + "x" * 1000, Distribution("x" * 100, "", "")),
        ("VERSION_ID=1", None),
        ("", None),
        ("\0\0\ufffd", None),
    ],
    ids=repr,
)
def test_name_and_version_are_found_and_can_be_shown(text: str, found: Distribution | None) -> None:
    assert parse(text) == found
