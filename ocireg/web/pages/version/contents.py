"""What is in an image: its directories and files, of all layers or of one, and a search.

Layers are listed when somebody wants to see them. Who has signed in need only come here; visitors press a button, so
that programs which follow links start nothing.
"""

import stat
from dataclasses import dataclass

from flask import Response, jsonify, request

from ocireg.auth.manage.errors import Unknown
from ocireg.contents import Kind
from ocireg.metadata.finding import LONGEST
from ocireg.metadata.layers import PENDING, READY
from ocireg.metadata.stacks import Page, Shown
from ocireg.registry.image import UNLISTED, ImageState
from ocireg.web.asked import Asked
from ocireg.web.doors import is_visitor
from ocireg.web.pages.rendering import go
from ocireg.web.pages.version.frame import READ, Seen, image_of, parsed_reference, section, see, shown
from ocireg.web.windows import Part

FILES = 100
"""Files of a page."""
TYPES = {
    Kind.DIRECTORY: stat.S_IFDIR,
    Kind.SYMLINK: stat.S_IFLNK,
    Kind.DEVICE: stat.S_IFCHR,
    Kind.FIFO: stat.S_IFIFO,
}
ICONS = {Kind.DIRECTORY: "folder-fill", Kind.SYMLINK: "link-45deg", Kind.HARDLINK: "link", Kind.WHITEOUT: "x-circle"}


@dataclass(frozen=True, slots=True)
class View:
    """What is looked at: a directory, or what is searched for; of all layers, or of the one of that number."""

    path: str
    text: str
    layer: int | None
    after: str

    @property
    def above(self) -> list[tuple[str, str]]:
        """The names and the paths of the directory and of those that it is in."""
        names = self.path.split("/") if self.path else []
        return [(name, "/".join(names[:depth])) for depth, name in enumerate(names, 1)]


@section.form("{repository}{reference}/-/contents", READ)
def contents(asked: Asked, reference: str) -> Response:
    """Show a directory; where it has not been listed yet, how far that is."""
    seen = see(asked, reference)
    if elsewhere := image_of(asked, seen, "contents"):
        return go(elsewhere)
    state = _there(seen.contents)
    if request.method == "POST" or (state.state == UNLISTED and _starts(asked)):
        visitor = is_visitor(asked.caller.actor)
        state = asked.context.registry.contents.ask(asked.repository, seen.digest, visitor=visitor) or state
    if request.method == "POST":
        return go(seen.link("contents"))
    waits = state.state in {PENDING, UNLISTED}
    page = None if waits else _page(asked, seen, view := _view(state))
    return shown(
        asked,
        seen,
        "contents",
        state=state,
        waits=waits,
        read_only=asked.context.settings.read_only,
        view=None if waits else view,
        part=Part(list(page.entries), after=page.after or "") if page else None,
        places=[place for place, one in enumerate(state.layers) if one.state == READY],
        unseen=[(place, one) for place, one in enumerate(state.layers) if one.state != READY],
        mode=mode,
        icons=ICONS,
        totals=None if waits else asked.context.registry.contents.totals(asked.repository, seen.digest),
    )


@section.page("{repository}{reference}/-/contents/progress", READ)
def progress(asked: Asked, reference: str) -> Response:
    """Say how far the listing is, for a page that waits for it."""
    here = asked.context.registry
    digest = here.manifests.describe(asked.repository, parsed_reference(reference)).digest
    state = _there(here.contents.state(asked.repository, digest))
    return jsonify(state=state.state, done=state.done, size=state.size)


def _there(state: ImageState | None) -> ImageState:
    """Return the state of an image. ``Unknown`` of what is none."""
    if state is None:
        raise Unknown("reference", "it is no image whose contents can be listed")
    return state


def _starts(asked: Asked) -> bool:
    """Say whether whoever comes here starts the listing."""
    return not is_visitor(asked.caller.actor) and not asked.context.settings.read_only


def _view(state: ImageState) -> View:
    asked = request.args
    layer = asked.get("layer", "")
    number = int(layer) if layer.isascii() and layer.isdigit() and len(layer) < 6 else None
    if number is not None and number >= len(state.layers):
        raise Unknown("layer", f"it has no layer {number + 1}")
    return View(asked.get("path", "").strip("/"), asked.get("q", "")[:LONGEST].strip(), number, asked.get("after", ""))


def _page(asked: Asked, seen: Seen, view: View) -> Page | None:
    """Return the files; None of a layer that cannot be shown, or has no such directory. ``Unknown`` if none has it."""
    use, of = asked.context.registry.contents, (asked.repository, seen.digest)
    if view.text:
        return use.search(*of, view.text, after=view.after, limit=FILES, layer=view.layer)
    found = use.directory(*of, view.path, after=view.after, limit=FILES, layer=view.layer)
    if found is None and view.path and view.layer is None:
        raise Unknown("path", f"there is no directory {view.path[:200]!r} in it")
    return found


def mode(entry: Shown) -> str:
    """Return type and rights as ``ls -l`` writes them; "" where no layer says."""
    return "" if entry.implied else stat.filemode(TYPES.get(entry.kind, stat.S_IFREG) | entry.mode)
