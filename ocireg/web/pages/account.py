"""One's own account: who one is and may do what where, and the password."""

from flask import Response, flash
from wtforms import PasswordField, SubmitField
from wtforms.validators import EqualTo, InputRequired, Length

from ocireg.auth import identities, passwords
from ocireg.auth.login import LONGEST, Refused, resume
from ocireg.auth.manage.errors import Invalid
from ocireg.metadata import memberships
from ocireg.web import accounts, client
from ocireg.web.asked import Asked
from ocireg.web.doors import KNOWN, WHOLE, is_whole
from ocireg.web.pages import lists, sessions
from ocireg.web.pages.forms import Form
from ocireg.web.pages.rendering import go, render
from ocireg.web.pages.section import Section

section = Section("account")


class Password(Form):
    """A new password, and what shows that it is the user who wants it: whoever finds a browser open has not that."""

    present = PasswordField(
        "Your present password, or an API token with all your rights",
        [InputRequired(), Length(max=LONGEST)],
        render_kw={"autocomplete": "current-password"},
    )
    password = PasswordField(
        "New password",
        [InputRequired(), Length(max=passwords.LONGEST)],
        description=f"At least {passwords.SHORTEST} characters.",
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        "New password, again",
        [InputRequired(), EqualTo("password", "The two are not the same.")],
        render_kw={"autocomplete": "new-password"},
    )
    submit = SubmitField("Change the password")


@section.page("/account", KNOWN)
def show_account(asked: Asked) -> Response:
    """Show who one is."""
    return _shown(asked, Password(), 200)


@section.action("/account", WHOLE)
def change_password(asked: Asked) -> Response:
    """Change one's password. All other browsers are signed out, and clients that have logged in with the former one."""
    form = Password()
    if not form.is_taken(lambda: _change(asked, form)):
        return _shown(asked, form, 422)
    flash("The password is changed. What signed in with the former one is signed out, but for this browser.", "success")
    return go("/account")


def _shown(asked: Asked, form: Password, status: int) -> Response:
    user, database = accounts.own(asked), asked.context.database
    return render(
        "account.html",
        status,
        user=user,
        whole=is_whole(asked.caller.actor),
        organizations=asked.manager.users.organizations(user.name),
        levels=lists.part(lambda window: memberships.levels_page(database, user.id, window), lambda one: one[0]),
        form=form,
    )


def _change(asked: Asked, form: Password) -> None:
    here, address, name = asked.context, asked.caller.address, accounts.own(asked).name
    _require_present(asked, name, form.present.data or "")
    asked.manager.users.set_password(asked.author, name, form.password.data or "")
    if asked.caller.reference is None or here.gate.again(asked.caller.reference) is None:
        login = resume(here.roster.now(), identities.of_password(asked.manager.users.get(name)), address)
        sessions.sign_in(here, login, address)


def _require_present(asked: Asked, name: str, secret: str) -> None:
    """Raise ``Invalid`` where a secret is not good, or somebody else's, or may less than the user."""
    try:
        found = asked.context.gate.log_in(name, secret, asked.caller.address, client.agent()).actor
    except Refused:
        found = None
    if found is None or found.id != asked.caller.actor.id or not is_whole(found):
        raise Invalid("present", "that is neither your password nor an API token with all your rights")
