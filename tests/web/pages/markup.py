"""A page as it came, taken apart: what is written on it, where it leads, and what can be sent."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "wbr"})
INLINE = frozenset({"a", "abbr", "b", "code", "em", "i", "small", "span", "strong", "time", "wbr"})
OF_SVG = frozenset({"svg", "path", "rect", "circle", "line", "polyline", "polygon", "text", "use", "g", "title"})


@dataclass(slots=True, eq=False)
class Element:
    """An element: what is in it are elements and texts."""

    tag: str
    attributes: dict[str, str] = field(default_factory=dict)
    inside: list["Element | str"] = field(default_factory=list)

    def all(self, *tags: str) -> Iterator["Element"]:
        """Yield the elements in it, of these tags or of any, as they follow each other."""
        for one in self.inside:
            if isinstance(one, Element):
                if not tags or one.tag in tags:
                    yield one
                yield from one.all(*tags)

    @property
    def text(self) -> str:
        """What is written in it, with single spaces."""
        return " ".join("".join(_texts(self)).split())


def _texts(element: Element) -> Iterator[str]:
    for one in element.inside:
        if isinstance(one, str):
            yield one
            continue
        apart = "" if one.tag in INLINE else " "
        yield apart
        yield from _texts(one)
        yield apart


@dataclass(frozen=True, slots=True)
class Form:
    """A form: what it would send as it is, but for its buttons, of which ``buttons`` has names, values and texts."""

    action: str
    method: str
    fields: dict[str, list[str]]
    buttons: list[tuple[str, str, str]]


@dataclass(frozen=True, slots=True, repr=False)
class Page:
    """A page. ``path`` is where it was in the end, its query included."""

    path: str
    status: int
    root: Element
    source: str

    def __repr__(self) -> str:
        """Return what a test that fails shows of it."""
        return f"<{self.status} {self.path}: {self.text}>"

    @property
    def title(self) -> str:
        """The title of its window."""
        return next(self.root.all("title")).text

    @property
    def h1(self) -> str:
        """Its headline."""
        return next(self.root.all("h1")).text

    @property
    def text(self) -> str:
        """What is written on it, without what all pages have."""
        return next(self.root.all("main")).text

    @property
    def links(self) -> dict[str, str]:
        """Where it leads, by what is written on the link or its label; of several the last."""
        return {one.text or one.attributes.get("aria-label", ""): one.attributes["href"] for one in self.root.all("a")}

    @property
    def rows(self) -> list[list[str]]:
        """What its tables have, by row and cell, without their heads."""
        bodies = [body for table in self.root.all("table") for body in table.all("tbody")]
        return [[cell.text for cell in row.all("td", "th")] for body in bodies for row in body.all("tr")]

    @property
    def forms(self) -> list[Form]:
        """What can be sent from it."""
        return [_form(one, self.path) for one in self.root.all("form")]

    def form(self, action: str = "") -> Form:
        """Return the form that is sent to a path, by default to the page's own."""
        wanted = action or self.path.partition("?")[0]
        for one in self.forms:
            if one.action.partition("?")[0] == wanted and one.method == "post":
                return one
        raise AssertionError(f"no form for {wanted}: {[one.action for one in self.forms]}")

    @property
    def token(self) -> str:
        """What makes a form from this page one of ours."""
        return next((one.fields["csrf_token"][0] for one in self.forms if "csrf_token" in one.fields), "")


def _form(found: Element, path: str) -> Form:
    fields: dict[str, list[str]] = {}
    buttons = []
    for one in found.all("input", "select", "textarea", "button"):
        name, value = one.attributes.get("name", ""), one.attributes.get("value", "")
        kind = one.attributes.get("type", "submit" if one.tag == "button" else "text")
        if kind == "submit":
            buttons.append((name, value, one.text or value))
        elif kind != "button" and name and "disabled" not in one.attributes:
            fields.setdefault(name, []).extend(_values(one, kind, value))
    return Form(found.attributes.get("action") or path, found.attributes.get("method", "get").lower(), fields, buttons)


def _values(one: Element, kind: str, value: str) -> list[str]:
    if one.tag == "textarea":
        text = "".join(text for text in one.inside if isinstance(text, str))
        return [text.replace("\r\n", "\n").removeprefix("\n")]  # as browsers read it
    if one.tag == "select":
        options = list(one.all("option"))
        chosen = [each for each in options if "selected" in each.attributes]
        if not chosen and "multiple" not in one.attributes:
            chosen = options[:1]
        return [each.attributes.get("value", each.text) for each in chosen]
    if kind in {"checkbox", "radio"}:
        return [one.attributes.get("value", "on")] if "checked" in one.attributes else []
    return [value]


class _Reader(HTMLParser):
    """Takes a page apart. ``AssertionError`` where elements do not nest: a browser would guess what is in what."""

    def __init__(self) -> None:
        super().__init__()
        self.root = Element("")
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice: {self.get_starttag_text()}"
        made = Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].inside.append(made)
        if tag not in VOID:
            self._open.append(made)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Have an element with nothing in it."""
        assert tag in VOID | OF_SVG, f"<{tag}/> does not end what it begins"
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self._open.pop()

    def handle_endtag(self, tag: str) -> None:
        """End an element."""
        assert self._open[-1].tag == tag, f"</{tag}> in <{self._open[-1].tag}>, line {self.getpos()[0]}"
        self._open.pop()

    def handle_data(self, data: str) -> None:
        """Have a text."""
        self._open[-1].inside.append(data)

    def finished(self) -> Element:
        """Return all of it."""
        self.close()
        assert len(self._open) == 1, f"never ended: {[one.tag for one in self._open[1:]]}"
        return self.root


def parsed(source: str, path: str, status: int) -> Page:
    """Return a page taken apart."""
    reader = _Reader()
    reader.feed(source)
    return Page(path, status, reader.finished(), source)
