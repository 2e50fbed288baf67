"""The tokens of a registry: secrets that read it, for machines that pull."""

from flask import Response, flash, request
from wtforms import StringField, SubmitField
from wtforms.validators import Length

from ocireg.auth.access import Action, may
from ocireg.auth.manage.tokens import NewToken
from ocireg.auth.manage.values import LONGEST_TEXT
from ocireg.auth.places import target_of
from ocireg.metadata import credentials
from ocireg.web import client, doors
from ocireg.web.asked import Asked
from ocireg.web.doors import Door
from ocireg.web.pages import confirming, links, lists, tabs
from ocireg.web.pages.confirming import Question
from ocireg.web.pages.forms import Form
from ocireg.web.pages.rendering import go, render
from ocireg.web.pages.section import Section
from ocireg.web.registry_tokens import of_registry

section = Section("registry_tokens")

READ = Door(Action.READ_SETTINGS, doors.registry)
MANAGE = Door(Action.MANAGE_REGISTRY, doors.registry)
NAME = "token"
"""A user name for logins by such a token, which says itself what it is."""


class Token(Form):
    """A token to be made."""

    description = StringField(
        "Description", [Length(max=LONGEST_TEXT)], render_kw={"placeholder": "the cluster", "autocomplete": "off"}
    )
    submit = SubmitField("Make a token")


@section.page("{registry}/-/tokens", READ)
def list_registry_tokens(asked: Asked) -> Response:
    """List the tokens of a registry, the newest first."""
    return _shown(asked, Token(), 200)


@section.action("{registry}/-/tokens", MANAGE)
def make_registry_token(asked: Asked) -> Response:
    """Make a token of a private registry, and show its secret."""
    form, made = Token(), list[NewToken]()
    if not form.is_taken(lambda: made.append(_make(asked, form))):
        return _shown(asked, form, 422)
    host, secret = client.host(asked.context.settings), made[0].secret
    return render("registry_token_made.html", registry=asked.registry, secret=secret, host=host, name=NAME)


@section.form("{registry}/-/tokens/<token>/revoke", MANAGE)
def revoke_registry_token(asked: Asked, token: str) -> Response:
    """Ask, and revoke a token."""
    found, path = of_registry(asked, token), asked.registry.path
    named = f"the token “{found.description}”" if found.description else f"the token {found.id}"
    if request.method == "POST":
        asked.manager.tokens.revoke_for_registry(asked.author, asked.path, found.id)
        flash(f"{named} is revoked: it is good for nothing any more.", "success")
        return go(links.tab(path, tabs.TOKENS))
    lines = ("Machines that pull with it are refused from then on.",)
    crumbs = ((asked.path, links.registry(path)), ("Tokens", links.tab(path, tabs.TOKENS)))
    return confirming.ask(Question(f"Revoke {named} of {asked.path}?", lines, "Revoke it", crumbs[1][1], crumbs))


def _make(asked: Asked, form: Token) -> NewToken:
    return asked.manager.tokens.create_for_registry(asked.author, asked.path, form.description.data or "")


def _shown(asked: Asked, form: Token, status: int) -> Response:
    registry, database = asked.registry, asked.context.database
    found = lists.part(
        lambda window: credentials.registry_tokens_by_age(database, registry.id, window), credentials.age_key
    )
    manages = may(asked.caller.actor, Action.MANAGE_REGISTRY, target_of(registry))
    return render("registry_tokens.html", status, registry=registry, part=found, form=form, manages=manages)
