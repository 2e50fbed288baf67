"""One's API tokens: which there are, a new one, whose secret is shown once, and the end of one."""

from flask import Response, flash, request
from wtforms import IntegerField, SelectField, SelectMultipleField, StringField, SubmitField
from wtforms.validators import DataRequired, Length, NumberRange, Optional

from ocireg.auth.manage.errors import Invalid
from ocireg.auth.manage.tokens import NewToken
from ocireg.auth.manage.values import LONGEST_TEXT
from ocireg.auth.scopes import READ_PACKAGES, SCOPES
from ocireg.metadata import credentials
from ocireg.metadata.credentials import StoredApiToken
from ocireg.web import accounts, client
from ocireg.web.asked import Asked
from ocireg.web.doors import WHOLE
from ocireg.web.pages import confirming, lists
from ocireg.web.pages.confirming import Question
from ocireg.web.pages.forms import Form
from ocireg.web.pages.rendering import go, render
from ocireg.web.pages.section import Section

section = Section("account_tokens")

DAY = 86400.0
"""Seconds."""
NEVER, OTHER = "never", "other"
LONGEST = 3660
"""Days."""
ENDS = {"1": "in a day", "7": "in 7 days", "30": "in 30 days", "90": "in 90 days", "365": "in a year"}


class Token(Form):
    """A token to be made."""

    description = StringField(
        "Description", [Length(max=LONGEST_TEXT)], render_kw={"placeholder": "laptop", "autocomplete": "off"}
    )
    scopes = SelectMultipleField("Scopes", [DataRequired("choose one at least")], choices=SCOPES)
    networks = StringField(
        "Networks",
        [Length(max=1000)],
        description="Where it is good, as 192.0.2.0/24, 2001:db8::/32. Empty: everywhere.",
        render_kw={"autocomplete": "off", "spellcheck": "false"},
    )
    expires = SelectField("Expires", choices={**ENDS, OTHER: "in as many days as I say", NEVER: "never"}, default="30")
    days = IntegerField("Days, where you say how many", [Optional(), NumberRange(1, LONGEST)])
    submit = SubmitField("Make the token")


@section.page("/account/tokens", WHOLE)
def list_tokens(asked: Asked) -> Response:
    """List one's API tokens, the newest first."""
    user = accounts.own(asked)
    found = lists.part(
        lambda window: credentials.api_tokens_by_age(asked.context.database, user.id, window), credentials.age_key
    )
    return render("account_tokens.html", part=found, used=_used(asked))


@section.form("/account/tokens/new", WHOLE)
def make_token(asked: Asked) -> Response:
    """Make an API token, and show its secret."""
    form, made = Token(data={"scopes": _suggested()}), list[NewToken]()
    if form.is_taken(lambda: made.append(_make(asked, form))):
        host, name = client.host(asked.context.settings), asked.caller.actor.name
        return render("account_token_made.html", secret=made[0].secret, host=host, name=name)
    return render("account_token_new.html", 422 if form.errors else 200, form=form, scopes=SCOPES)


@section.form("/account/tokens/<token>/revoke", WHOLE)
def revoke_token(asked: Asked, token: str) -> Response:
    """Ask, and revoke a token."""
    found = accounts.own_token(asked, token)
    if request.method == "POST":
        asked.manager.tokens.revoke(asked.author, found.id)
        flash(f"{_named(found)} is revoked: it is good for nothing any more.", "success")
        return go("/account/tokens")
    lines = ["Whatever uses it is refused from then on: clients that have logged in with it, and browsers, too."]
    if found.id == _used(asked):
        lines.append("You have signed in here with this very token, and will be signed out.")
    crumbs = (("Account", "/account"), ("API tokens", "/account/tokens"))
    return confirming.ask(Question(f"Revoke {_named(found)}?", tuple(lines), "Revoke it", crumbs[1][1], crumbs))


def _suggested() -> list[str]:
    """Return the scopes that the link has named, the least of all where it named none."""
    return [one for one in request.args.getlist("scope") if one in SCOPES] or [READ_PACKAGES]


def _make(asked: Asked, form: Token) -> NewToken:
    return asked.manager.tokens.create(
        asked.author,
        accounts.own(asked).name,
        scopes=form.scopes.data or [],
        description=form.description.data or "",
        networks=form.networks.data or "",
        lifetime=_life(form),
    )


def _life(form: Token) -> float | None:
    """Return how long the token is to live, in seconds; None for ever."""
    chosen = form.expires.data
    if chosen == NEVER:
        return None
    if chosen == OTHER and form.days.data is None:
        raise Invalid("days", "say how many days")
    return DAY * float(form.days.data or 0 if chosen == OTHER else chosen)


def _used(asked: Asked) -> str:
    """Return the token that this browser has signed in with, "" where that was none."""
    session = accounts.own_session(asked)
    return str(session.reference[1]) if session and session.reference[0] == "api" else ""


def _named(token: StoredApiToken) -> str:
    return f"the token “{token.description}”" if token.description else f"the token {token.id}"
