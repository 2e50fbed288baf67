"""From text to nodes: YAML without anchors, aliases, tags, merge keys, directives, block scalars and second documents.

PyYAML's parser is asked for its events alone: nothing is composed or constructed, so no tag of a text means anything,
and depth and number are bounded while they are read.
"""

import json
from collections.abc import Iterator

import yaml

from ocireg.auth.policy import scalars
from ocireg.auth.policy.errors import Fault, PolicyError, shown
from ocireg.auth.policy.nodes import Entries, Entry, Items, Node, Place, Scalar

MOST_BYTES = 64 * 1024
MOST_DEPTH = 8
"""Lists and maps inside each other; a policy needs five."""
_OPENING = (yaml.SequenceStartEvent, yaml.MappingStartEvent)
_CLOSING = (yaml.SequenceEndEvent, yaml.MappingEndEvent)


class _NotSimple(Exception):  # noqa: N818 - it ends the reading, and is told as a fault
    def __init__(self, place: Place, reason: str) -> None:
        super().__init__(reason)
        self.place = place


def read(text: str) -> Node:
    """Return what a text says. ``PolicyError`` with the first fault, whatever the text is."""
    if len(text.encode("utf-8", "surrogatepass")) > MOST_BYTES:
        raise PolicyError([Fault(None, 1, 1, f"a policy has {MOST_BYTES // 1024} KiB at most")])
    reader = _Reader(_spaced(text))
    try:
        return reader.document()
    except _NotSimple as error:
        place, reason = error.place, str(error)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
        reason = f"not YAML: {error.problem or error.context}"
    except (yaml.YAMLError, ValueError, OverflowError):  # characters, and escapes of what are none
        place, reason = Place(1, 1), "not YAML: it has a character that no text has"
    raise PolicyError([Fault(reader.statement, place.line, place.column, reason)])


def _spaced(text: str) -> str:
    """Return JSON with blanks for tabs, which YAML has no room for (a tab in JSON is never part of a string)."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return text
    return text.replace("\t", " ")


class _Reader:
    """One reading of a text. ``statement`` is the item of the outermost list that is being read, counted from 1."""

    def __init__(self, text: str) -> None:
        self._events: Iterator[yaml.Event] = yaml.parse(text, yaml.SafeLoader)
        self._depth = 0
        self.statement: int | None = None

    def document(self) -> Node:
        """Return the only document. ``_NotSimple``, and what PyYAML raises."""
        next(self._events)  # the start of the stream
        start = next(self._events)
        if not isinstance(start, yaml.DocumentStartEvent):
            raise _NotSimple(Place(1, 1), "there is nothing: a policy for nobody is []")
        if start.version or start.tags:
            raise _NotSimple(_place(start), "a policy has no directives (lines that begin with %)")
        node = self._node(next(self._events))
        next(self._events)  # the end of the document
        more = next(self._events)
        if not isinstance(more, yaml.StreamEndEvent):
            raise _NotSimple(_place(more), "a policy is one document")
        return node

    def _node(self, event: yaml.Event) -> Node:
        if isinstance(event, yaml.NodeEvent) and event.anchor is not None:
            kind = "alias" if isinstance(event, yaml.AliasEvent) else "anchor"
            raise _NotSimple(
                _place(event), f"a policy has no anchors and no aliases: here is the {kind} {event.anchor}"
            )
        if isinstance(event, (yaml.ScalarEvent, *_OPENING)) and event.tag is not None:
            raise _NotSimple(_place(event), f"a policy has no tags: here is {shown(event.tag)}")
        if isinstance(event, yaml.ScalarEvent):
            return _scalar(event)
        self._depth += 1
        if self._depth > MOST_DEPTH:
            raise _NotSimple(_place(event), "nested too deeply")
        made = self._items(event) if isinstance(event, yaml.SequenceStartEvent) else self._entries(event)
        self._depth -= 1
        return made

    def _items(self, start: yaml.Event) -> Items:
        items: list[Node] = []
        for event in self._until_closed():
            if self._depth == 1:
                self.statement = len(items) + 1
            items.append(self._node(event))
        return Items(_place(start), tuple(items))

    def _entries(self, start: yaml.Event) -> Entries:
        entries: dict[str, Entry] = {}
        for event in self._until_closed():
            key = _key(event)
            if key in entries:
                raise _NotSimple(_place(event), f"the key {shown(key)} is there twice")
            self._node(event)  # an anchor or a tag of the key
            entries[key] = Entry(_place(event), self._node(next(self._events)))
        return Entries(_place(start), entries)

    def _until_closed(self) -> Iterator[yaml.Event]:
        for event in self._events:
            if isinstance(event, _CLOSING):
                return
            yield event


def _key(event: yaml.Event) -> str:
    """Return the text of a key, as it is written: ``on``, ``true`` and ``1`` name claims too."""
    if isinstance(event, yaml.AliasEvent):
        raise _NotSimple(_place(event), f"a policy has no anchors and no aliases: here is the alias {event.anchor}")
    if not isinstance(event, yaml.ScalarEvent):
        raise _NotSimple(_place(event), "a key is a text")
    if event.implicit[0] and event.value == "<<":
        raise _NotSimple(_place(event), "a policy has no merge keys (<<)")
    if not event.value:
        raise _NotSimple(_place(event), "a key is empty")
    value = _scalar(event).value
    return value if isinstance(value, str) else event.value


def _scalar(event: yaml.ScalarEvent) -> Scalar:
    place = _place(event)
    if event.style in {"|", ">"}:
        raise _NotSimple(place, "a text stands on its line: a policy has no block scalars (| and >)")
    try:
        if event.implicit[0]:
            return Scalar(place, scalars.plain(event.value), written=event.value != "")
        return Scalar(place, scalars.quoted(event.value))
    except ValueError as error:
        raise _NotSimple(place, str(error)) from None


def _place(event: yaml.Event) -> Place:
    mark = event.start_mark
    return Place(mark.line + 1, mark.column + 1) if mark else Place(1, 1)
