"""What is in images: asked for, then read by directories, searched, and counted."""

from dataclasses import asdict
from typing import Any

from marshmallow import fields as base
from marshmallow import validate

from ocireg.auth.manage.errors import Unknown
from ocireg.metadata.finding import LONGEST
from ocireg.metadata.stacks import Page, Shown
from ocireg.oci.digest import Digest
from ocireg.registry.contents import Contents
from ocireg.registry.image import ImageState
from ocireg.web.api.details import DIGEST, ONE
from ocireg.web.api.fields import Count, Strict
from ocireg.web.api.nouns import Noun
from ocireg.web.api.packages import READ, find
from ocireg.web.api.pages import DEFAULT, MOST, forward
from ocireg.web.asked import Asked
from ocireg.web.doors import is_visitor

noun = Noun(
    "Contents",
    "The files of an image. They are listed layer by layer, once somebody asks; what is ready is shown meanwhile.",
)


class LayerContents(Strict):
    """How far a layer is."""

    digest = base.String(metadata={"example": DIGEST})
    media_type = base.String()
    state = base.String(
        metadata={"example": "ready", "description": "ready, pending, refused, unlisted, foreign or missing."}
    )
    reason = base.String(metadata={"description": "Why it is not listed; empty where it is or will be."})
    size = base.Integer()
    done = base.Integer(metadata={"description": "Bytes of it that have been read."})
    files = base.Integer()
    bytes = base.Integer(metadata={"description": "Bytes of its files."})


class State(Strict):
    """How far the layers of an image are."""

    state = base.String(metadata={"example": "pending", "description": "ready, pending, refused or unlisted."})
    reason = base.String()
    size = base.Integer(metadata={"description": "Bytes of the layers that are here."})
    done = base.Integer(metadata={"description": "Bytes of them that have been read."})
    layers = base.List(base.Nested(LayerContents), metadata={"description": "The lowest first."})


class File(Strict):
    """A file, a directory, or in one layer alone a mark that hides what is below."""

    path = base.String(metadata={"example": "etc/passwd"})
    kind = base.String(metadata={"example": "file"})
    layer = base.Integer(metadata={"description": "The layer that it is of, from 0, the lowest, of those shown."})
    size = base.Integer()
    mode = base.Integer(metadata={"example": 420})
    uid = base.Integer()
    gid = base.Integer()
    modified_at = base.Integer(
        attribute="mtime", metadata={"description": "Seconds since the epoch, UTC, as the layer has it."}
    )
    link = base.String(allow_none=True, metadata={"description": "What a link points at."})
    implied = base.Boolean(metadata={"description": "A directory that no layer describes."})
    opaque = base.Boolean(metadata={"description": "A directory that hides what is below it."})


class Directory(State):
    """A page of a directory, of the layers that are ready."""

    entries = base.List(base.Nested(File))


class Distribution(Strict):
    """The distribution that an image is of."""

    id = base.String(metadata={"example": "debian"})
    name = base.String(metadata={"example": "Debian GNU/Linux"})
    version = base.String(metadata={"example": "12"})


class Totals(Strict):
    """What an image has in all; null while that is counted, or before all layers are ready."""

    state = base.String(metadata={"example": "ready"})
    files = base.Integer(allow_none=True, metadata={"description": "Directories are not among them."})
    bytes = base.Integer(allow_none=True)
    distribution = base.Nested(Distribution, allow_none=True)


class FilesQuery(Strict):
    """Which entries are wanted. Paths are as long as a request line has room for."""

    layer = Count(
        validate=validate.Range(0, 999),
        metadata={"query": True, "example": 0, "description": "One layer alone, from 0, and what it hides."},
    )
    per_page = Count(load_default=DEFAULT, validate=validate.Range(1, MOST), metadata={"query": True, "example": 30})
    after = base.String(validate=validate.Length(1), metadata={"description": "The page that follows, as Link has it."})


class DirectoryQuery(FilesQuery):
    """Which directory is wanted."""

    path = base.String(load_default="", metadata={"example": "etc"})


class SearchQuery(FilesQuery):
    """What is searched for."""

    q = base.String(
        required=True,
        validate=validate.Length(1, LONGEST),
        metadata={"example": "passwd", "description": "A part of a path or, with *, ? or [ in it, a pattern."},
    )


@noun.operation("POST", f"{ONE}/contents", READ, answer=State, status=202, also=200, changes=False)
def ask_for_contents(asked: Asked, package: str) -> Any:
    """Let the layers of an image be listed that have not been; 200 once nothing is left to wait for."""
    contents, repository, digest = _of(asked, package)
    state = _required(contents.ask(repository, digest, visitor=is_visitor(asked.caller.actor)))
    return _state(state), 202 if state.state in {"pending", "unlisted"} else 200


@noun.operation("GET", f"{ONE}/contents", READ, query=DirectoryQuery, answer=Directory)
def list_contents(asked: Asked, query: dict[str, Any], package: str) -> Any:
    """List a directory of an image by name, and tell how far its layers are. A page may be short though more follow."""
    contents, repository, digest = _of(asked, package)
    state = _required(contents.state(repository, digest))
    found = contents.directory(repository, digest, query["path"], **_options(query))
    if found is None:
        raise Unknown("path", f"there is no directory {query['path']!r} in what has been listed")
    return {**_state(state), "entries": _entries(found)}, forward(found.after)


@noun.operation("GET", f"{ONE}/contents/search", READ, query=SearchQuery, answer=File(many=True))
def search_contents(asked: Asked, query: dict[str, Any], package: str) -> Any:
    """List the paths of an image that have a text in them. A page may be short, or empty, though there is more."""
    contents, repository, digest = _of(asked, package)
    _required(contents.state(repository, digest))
    found = contents.search(repository, digest, query["q"], **_options(query))
    if found is None:
        raise Unknown("layer", "there is no such layer in what has been listed")
    return _entries(found), forward(found.after)


@noun.operation("GET", f"{ONE}/contents/totals", READ, answer=Totals)
def show_totals(asked: Asked, package: str) -> dict[str, Any]:
    """Show how many files an image has, their bytes, and which distribution it is of."""
    contents, repository, digest = _of(asked, package)
    state = _required(contents.state(repository, digest))
    found = contents.totals(repository, digest)
    told = asdict(found) if found else {"files": None, "bytes": None, "distribution": None}
    return {"state": state.state, **told}


def _of(asked: Asked, package: str) -> tuple[Contents, str, Digest]:
    stored = find(asked, package)
    return asked.context.registry.contents, stored.repository, Digest.parse(stored.digest)


def _required(state: ImageState | None) -> ImageState:
    if state is None:
        raise Unknown("contents", "it is no image whose contents are listed here")
    return state


def _options(query: dict[str, Any]) -> dict[str, Any]:
    return {"after": query.get("after", ""), "limit": query["per_page"], "layer": query.get("layer")}


def _state(state: ImageState) -> dict[str, Any]:
    named = ("state", "reason", "size", "done", "layers")
    return {name: getattr(state, name) for name in named}


def _entries(found: Page) -> list[dict[str, Any]]:
    return [{**{name: getattr(one, name) for name in Shown.__slots__}, "kind": str(one.kind)} for one in found.entries]
