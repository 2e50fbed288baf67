"""Signing in, signing out, and the theme."""

from flask import Response, flash, request, session
from wtforms import PasswordField, StringField, SubmitField
from wtforms.validators import InputRequired, Length

from ocireg.auth.login import LONGEST, Refused
from ocireg.web import client
from ocireg.web.asked import Asked
from ocireg.web.doors import EVERYBODY
from ocireg.web.pages import links, sessions
from ocireg.web.pages.forms import Form
from ocireg.web.pages.rendering import THEMES, go, render
from ocireg.web.pages.section import Section

section = Section("entry")


class SignIn(Form):
    """Who somebody is."""

    name = StringField("User name", [InputRequired(), Length(max=64)], render_kw={"autocomplete": "username"})
    secret = PasswordField(
        "Password, or an API token",
        [InputRequired(), Length(max=LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )
    submit = SubmitField("Sign in")


@section.form("/login", EVERYBODY, changes=False)
def sign_in(asked: Asked) -> Response:
    """Sign in with what ``docker login`` takes of a user."""
    onward = links.inside(request.args.get("next", "/"))
    if asked.caller.actor.is_known:
        return go(onward)
    form = SignIn()
    if form.is_taken(lambda: _begin(asked, form)) and sessions.current():
        return go(onward)
    return render("login.html", 422 if form.errors else 200, form=form)


def _begin(asked: Asked, form: SignIn) -> None:
    here, address = asked.context, asked.caller.address
    try:
        login = here.gate.log_in(form.name.data or "", form.secret.data or "", address, client.agent())
    except Refused:
        form.refuse("", "The user name or the password is not right.")
        return
    sessions.sign_in(here, login, address)


@section.action("/account/sign-out", EVERYBODY, changes=False)
def sign_out(asked: Asked) -> Response:
    """Sign out: what this browser has is good for nothing from then on, wherever a copy of it may be."""
    if known := sessions.current():
        asked.manager.sessions.sign_out(asked.author, known)
        sessions.end()
        flash("You have signed out.", "success")
    return go("/")


@section.action("/account/theme", EVERYBODY, changes=False)
def choose_theme(_asked: Asked) -> Response:
    """Let pages be light, dark, or as the system is."""
    chosen = request.form.get("theme", "")
    if chosen in THEMES:
        session["theme"] = chosen
        session.permanent = True
    return go(links.inside(request.form.get("next", "/")))
