"""From a template to a page: with who looks, where the pages are, and the headers that all have."""

from typing import Any

from flask import Flask, Response, g, render_template, request, session

from ocireg import __version__
from ocireg.auth.access import INSTANCE, Action, may
from ocireg.web import audited
from ocireg.web.asked import context
from ocireg.web.pages import links, tabs, words

THEMES = ("auto", "light", "dark")


def register(app: Flask) -> None:
    """Let templates have what all of them use."""
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    app.jinja_env.filters.update(words.FILTERS)
    app.jinja_env.globals.update(links=links, tabs=tabs, version=__version__)


def render(template: str, status: int = 200, **values: Any) -> Response:
    """Return a page. ``values`` are the template's own."""
    caller = g.get("caller")
    actor = caller.actor if caller else None
    common = {
        "actor": actor,
        "known": actor is not None and actor.is_known,
        "administers": actor is not None and may(actor, Action.MANAGE_INSTANCE, INSTANCE),
        "audits": actor is not None and audited.reads(actor),
        "theme": theme(),
        "is_read_only": context().settings.read_only,
        "here": request.full_path.rstrip("?"),
    }
    return Response(render_template(f"pages/{template}", **common, **values), status, mimetype="text/html")


def go(path: str) -> Response:
    """Return what leads to a page of ours (RFC 9110 section 15.4.4: by GET, whatever was asked)."""
    return Response(status=303, headers={"Location": path})


def theme() -> str:
    """Return the theme that somebody has chosen; ``auto`` is that of their system."""
    chosen = session.get("theme") if session else None
    return chosen if chosen in THEMES else "auto"
