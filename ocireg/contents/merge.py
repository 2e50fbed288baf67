"""What an image shows of its layers (OCI image v1.1, layer.md, "Applying Changesets", "Whiteouts").

The rule, where the specification leaves one open:

- A whiteout and an opaque mark hide what the layers *below* have, wherever in its layer they stand. A directory that is
  whited out and made again in one layer is an opaque one.
- What has a file below it is a directory, whatever else its layer says of it, and one that a layer says nothing of is
  as the layers below left it. Marks are no files: a layer may replace a directory by a link, and hide what it had.
- Of several entries of one path in a layer the last one counts.
- A hard link is a file of its own: it stays when the other name goes.

The queries of :mod:`ocireg.metadata.stacks` give the same without holding it all in memory.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from ocireg.contents.entries import Entry, Kind


@dataclass(slots=True)
class _Layer:
    """A layer, put in order: what it has, which paths of others it hides, below which it hides everything."""

    there: dict[str, Entry] = field(default_factory=dict)
    parents: set[str] = field(default_factory=set)
    hidden: set[str] = field(default_factory=set)
    opaque: set[str] = field(default_factory=set)


def merged(layers: Iterable[Iterable[Entry]]) -> dict[str, Entry]:
    """Return what is to be seen of ``layers``, the lowest first, by path. What is only implied has mode 0."""
    seen: dict[str, Entry] = {}
    for one in layers:
        layer = _in_order(one)
        closed = layer.hidden | layer.opaque
        gone = layer.hidden | layer.opaque & layer.parents
        kept = (path for path in seen if path not in gone and closed.isdisjoint({"", *ancestors(path)}))
        seen = {path: seen[path] for path in kept}
        files = {path for path in layer.parents & seen.keys() if seen[path].kind is not Kind.DIRECTORY}
        implied = {path: Entry(path, Kind.DIRECTORY) for path in layer.parents - (seen.keys() - files)}
        seen |= implied | layer.there
    return seen


def ancestors(path: str) -> Iterator[str]:
    """Yield the directories above a path, the nearest first, without the root."""
    while "/" in path:
        path = path.rpartition("/")[0]
        yield path


def _in_order(entries: Iterable[Entry]) -> _Layer:
    layer = _Layer()
    for entry in entries:
        if entry.kind is Kind.WHITEOUT:
            layer.hidden.add(entry.path)
        elif entry.kind is Kind.OPAQUE:
            layer.opaque.add(entry.path)
        elif entry.path:
            layer.there[entry.path] = entry
        if entry.kind not in {Kind.WHITEOUT, Kind.OPAQUE}:
            layer.parents.update(ancestors(entry.path))
    others = {path for path, entry in layer.there.items() if entry.kind is not Kind.DIRECTORY}
    for path in others & layer.parents:
        del layer.there[path]
    layer.hidden |= others - layer.parents
    layer.opaque |= layer.hidden & (layer.parents | layer.there.keys())
    return layer
