"""Users, for whoever administers the instance: who there is, a new one, and what can be changed of one."""

from flask import Response, flash, request
from wtforms import BooleanField, PasswordField, StringField, SubmitField
from wtforms.validators import EqualTo, InputRequired, Length, Optional

from ocireg.auth.login import LONGEST
from ocireg.auth.manage.errors import Unknown
from ocireg.metadata import credentials, memberships, users
from ocireg.metadata.credentials import StoredApiToken
from ocireg.web.asked import Asked
from ocireg.web.doors import is_whole, require_whole
from ocireg.web.pages import confirming, lists
from ocireg.web.pages.admin import CRUMB, MANAGE, MANAGE_WHOLE
from ocireg.web.pages.confirming import Question, Typed
from ocireg.web.pages.forms import Form
from ocireg.web.pages.rendering import go, render
from ocireg.web.pages.section import Section
from ocireg.web.problems import Problem

section = Section("admin_users")

USERS = "/admin/users"
_CRUMBS = (CRUMB, ("Users", USERS))
_NEW = {"autocomplete": "new-password"}


class User(Form):
    """A user to be made."""

    user = StringField(
        "User name", [InputRequired(), Length(max=64)], render_kw={"autocomplete": "off", "spellcheck": "false"}
    )
    password = PasswordField(
        "Password",
        [Optional(), Length(max=LONGEST)],
        description="Without one, only API tokens let them in.",
        render_kw=_NEW,
    )
    again = PasswordField("The same again", [EqualTo("password", "This is another one.")], render_kw=_NEW)
    admin = BooleanField("Administers this installation")
    submit = SubmitField("Make the user")


class Password(Form):
    """A password of somebody's."""

    password = PasswordField("New password", [InputRequired(), Length(max=LONGEST)], render_kw=_NEW)
    again = PasswordField("The same again", [EqualTo("password", "This is another one.")], render_kw=_NEW)
    submit = SubmitField("Set the password")


@section.page(USERS, MANAGE)
def list_users(asked: Asked) -> Response:
    """List the users, by name."""
    search = lists.search()
    found = lists.part(lambda window: users.listed(asked.context.database, window, search), lambda one: one.name)
    return render("admin_users.html", part=found, search=search)


@section.form("/admin/new-user", MANAGE)
def make_user(asked: Asked) -> Response:
    """Make a user."""
    form = User()
    if form.is_taken(lambda: _make(asked, form)):
        flash(f"{form.user.data} can log in." if form.password.data else f"{form.user.data} is there.", "success")
        return go(f"{USERS}/{form.user.data}")
    crumbs = [*_CRUMBS, ("New user", None)]
    status = 422 if form.errors else 200
    return render("admin_form.html", status, form=form, title="New user", tab="users", crumbs=crumbs)


def _make(asked: Asked, form: User) -> None:
    if form.admin.data:
        require_whole(asked.caller.actor)
    password = form.password.data or None
    asked.manager.users.create(asked.author, form.user.data or "", password=password, admin=bool(form.admin.data))


@section.page(f"{USERS}/<user>", MANAGE)
def show_user(asked: Asked, user: str) -> Response:
    """Show a user, and what can be changed."""
    found, database = asked.manager.users.get(user), asked.context.database
    whole = is_whole(asked.caller.actor)
    part = lists.part(
        lambda window: credentials.api_tokens_by_age(database, found.id, window) if whole else [], credentials.age_key
    )
    organizations = memberships.organizations(database, found.id)
    crumbs = [*_CRUMBS, (found.name, None)]
    return render("admin_user.html", user=found, part=part, whole=whole, organizations=organizations, crumbs=crumbs)


@section.action(f"{USERS}/<user>/admin", MANAGE_WHOLE)
def change_admin(asked: Asked, user: str) -> Response:
    """Let a user administer the instance, or no longer."""
    chosen = request.form.get("admin")
    if chosen not in {"yes", "no"}:
        raise Problem(400, "the form does not say whether they shall administer it")
    admin = chosen == "yes"
    asked.manager.users.set_admin(asked.author, user, admin=admin)
    flash(f"{user} {'administers this installation now' if admin else 'administers it no longer'}.", "success")
    return go(f"{USERS}/{user}")


@section.form(f"{USERS}/<user>/password", MANAGE_WHOLE)
def change_password(asked: Asked, user: str) -> Response:
    """Set the password of a user."""
    found, form = asked.manager.users.get(user), Password()
    if form.is_taken(lambda: asked.manager.users.set_password(asked.author, user, form.password.data)):
        flash(f"{user} has a new password; every login by the former one has ended.", "success")
        return go(f"{USERS}/{user}")
    crumbs = [*_CRUMBS, (found.name, f"{USERS}/{found.name}"), ("Password", None)]
    status = 422 if form.errors else 200
    return render("admin_form.html", status, form=form, title=f"Password of {user}", tab="users", crumbs=crumbs)


@section.form(f"{USERS}/<user>/delete", MANAGE)
def delete_user(asked: Asked, user: str) -> Response:
    """Ask, and delete a user."""
    found, form = asked.manager.users.get(user), Typed()

    def delete() -> None:
        form.require(found.name)
        asked.manager.users.delete(asked.author, found.name)

    if form.is_taken(delete):
        flash(f"{found.name} is deleted.", "success")
        return go(USERS)
    lines = ("Tokens, grants and memberships go with the user. What was pushed stays, and so does the audit log.",)
    back = f"{USERS}/{found.name}"
    question = Question(
        f"Delete the user {found.name}?", lines, "Delete the user", back, (*_CRUMBS, (found.name, back))
    )
    return confirming.ask(question, form)


@section.form(f"{USERS}/<user>/tokens/<token>/revoke", MANAGE_WHOLE)
def revoke_token(asked: Asked, user: str, token: str) -> Response:
    """Ask, and revoke a token of a user."""
    found, back = _of(asked, user, token), f"{USERS}/{user}"
    if request.method == "POST":
        asked.manager.tokens.revoke(asked.author, found.id)
        flash(f"The token {found.description or found.id} of {user} is revoked.", "success")
        return go(back)
    lines = ("Whatever uses it is refused from then on: clients that have logged in with it, and browsers, too.",)
    title = f"Revoke the token {found.description or found.id} of {user}?"
    return confirming.ask(Question(title, lines, "Revoke it", back, (*_CRUMBS, (user, back))))


def _of(asked: Asked, user: str, token: str) -> StoredApiToken:
    found = credentials.api_token(asked.context.database, token=token)
    if found is None or found.user != asked.manager.users.get(user).id:
        raise Unknown("token", f"{user} has no API token {token!r}")
    return found
