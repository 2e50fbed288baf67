"""What an image shows of its layers."""

import pytest

from ocireg.contents import Entry, Kind, merged


def layer(text: str) -> list[Entry]:
    """Return the entries that a line names.

    ``d/`` is a directory, ``f`` a file, ``f=2`` one of 2 bytes, ``-f`` a whiteout, ``!d`` opaque, ``l>f`` a hard link.
    """
    return [_entry(one) for one in text.split()]


def _entry(word: str) -> Entry:
    if word.startswith("-"):
        return Entry(word[1:], Kind.WHITEOUT)
    if word.startswith("!"):
        return Entry(word[1:], Kind.OPAQUE)
    if word.endswith("/"):
        return Entry(word[:-1], Kind.DIRECTORY, mode=0o755)
    path, _, link = word.partition(">")
    if link:
        return Entry(path, Kind.HARDLINK, link=link)
    path, _, size = word.partition("=")
    return Entry(path, Kind.FILE, size=int(size or 1))


def shown(*layers: str) -> str:
    """Return what is to be seen of such layers: directories end in ``/``, implied ones in ``/?``."""
    found = merged(layer(one) for one in layers)
    return " ".join(_shown(found[path]) for path in sorted(found))


def _shown(entry: Entry) -> str:
    if entry.kind is Kind.DIRECTORY:
        return entry.path + ("/" if entry.mode else "/?")
    size = f"={entry.size}" if entry.size > 1 else ""
    return entry.path + size + (f">{entry.link}" if entry.link else "")


@pytest.mark.parametrize(
    ("layers", "seen"),
    [
        ([], ""),
        (["a b/ b/c"], "a b/ b/c"),
        (["a b/c"], "a b/? b/c"),
        (["a", "a=2"], "a=2"),
        (["a b", "-a"], "b"),
        (["d/ d/a d/b e", "-d"], "e"),
        (["d/ d/a d/e/ d/e/f", "d/ d/.x -d/e"], "d/ d/.x d/a"),
        (["d/ d/a d/b", "d/ !d d/c"], "d/ d/c"),
        (["d/ d/a d/b", "d/c d/ !d"], "d/ d/c"),
        (["d/ d/a", "-d d/ d/b"], "d/ d/b"),
        (["d/ d/a", "d/ d/b -d"], "d/ d/b"),
        (["d/ d/e/ d/e/f", "!d"], "d/"),
        (["a d/ d/b", "!", "c"], "c"),
        (["d/ d/a", "d"], "d"),
        (["d/ d/a", "d", "d/ d/b"], "d/ d/b"),
        (["d", "d/ d/a"], "d/ d/a"),
        (["d", "d/a"], "d/? d/a"),
        (["d/", "d/a"], "d/ d/a"),
        (["d/ d/a", "-d", "d/b"], "d/? d/b"),
        (["a l>a", "-a"], "l>a"),
        (["a", "l>a", "-a", "a=2"], "a=2 l>a"),
        (["-a a"], "a"),
        (["a -a"], "a"),
        (["a", "-b -b/c"], "a"),
        (["d/ d/a d/b", "d -d/a -d/b"], "d"),
        (["d/ d/e/ d/e/f", "d -d/e !d/e"], "d"),
        (["d", "!d"], "d"),
        (["", "!d -e/f"], ""),
        (["d/ d/a", "!d d/b"], "d/? d/b"),
        (["d d/a"], "d/? d/a"),
        (["d/a d"], "d/? d/a"),
        (["d/ d"], "d"),
        (["a=2 a=3"], "a=3"),
        (["a/b/c/d", "-a/b", "a/b/x"], "a/? a/b/? a/b/x"),
    ],
    ids=repr,
)
def test_layers_are_applied_one_on_the_other(layers: list[str], seen: str) -> None:
    assert shown(*layers) == seen
