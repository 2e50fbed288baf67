"""The caller's login sessions: the browsers that are signed in to the pages."""

from typing import Any

from marshmallow import fields as base

from ocireg.metadata import sessions
from ocireg.web import accounts
from ocireg.web.api import fields
from ocireg.web.api.fields import Strict
from ocireg.web.api.nouns import Noun
from ocireg.web.api.pages import PageQuery, page
from ocireg.web.asked import Asked
from ocireg.web.doors import WHOLE

noun = Noun("Sessions", "Browsers in which the caller has signed in to the pages. They are for users with all rights.")


class LoginSession(Strict):
    """A browser that is signed in. Its identifier lets nobody in."""

    id = base.String(metadata={"example": "0123456789abcdef" * 4})
    address = base.String(metadata={"example": "192.0.2.7"})
    agent = base.String(metadata={"example": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"})
    created_at = fields.time()
    expires_at = fields.time()


@noun.operation("GET", "/user/sessions", WHOLE, query=PageQuery, answer=LoginSession(many=True))
def list_sessions(asked: Asked, query: dict[str, Any]) -> Any:
    """List the caller's sessions, by identifier."""
    of = accounts.own(asked).id
    return page(query, lambda window: sessions.page_of_user(asked.context.database, of, window), lambda one: one.id)


@noun.operation("DELETE", "/user/sessions/<session>", WHOLE)
def end_session(asked: Asked, session: str) -> None:
    """Sign a browser out: what it has is good for nothing within two seconds."""
    asked.manager.sessions.end(asked.author, accounts.own(asked).name, session)
