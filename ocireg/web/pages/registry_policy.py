"""The OIDC policy of a registry: an editor, examples, and what tokens would be granted by what stands in it."""

import json
from typing import Any

from flask import Response, flash, request
from wtforms import StringField, SubmitField, TextAreaField
from wtforms.validators import Length

from ocireg.auth.access import Action, may
from ocireg.auth.exchange import audience
from ocireg.auth.manage.errors import Invalid
from ocireg.auth.places import target_of
from ocireg.auth.policy import MOST_BYTES, Decision, PolicyError, parse
from ocireg.web import doors
from ocireg.web.asked import Asked
from ocireg.web.doors import Door
from ocireg.web.pages import confirming, links, tabs
from ocireg.web.pages.confirming import Question
from ocireg.web.pages.forms import Form
from ocireg.web.pages.policy_examples import EXAMPLES
from ocireg.web.pages.rendering import go, render
from ocireg.web.pages.section import Section

section = Section("registry_policy")

READ = Door(Action.READ_SETTINGS, doors.registry)
MANAGE = Door(Action.MANAGE_REGISTRY, doors.registry)
LONGEST_CLAIMS = 32 * 1024
"""Characters."""


def _lines(text: str | None) -> str:
    """Return a text with ends of lines as they are kept: browsers send others."""
    return (text or "").replace("\r\n", "\n")


class Editor(Form):
    """A policy, and claims to be judged by it."""

    policy = TextAreaField(
        "Policy",
        [Length(max=MOST_BYTES)],
        filters=[_lines],
        render_kw={"rows": 16, "spellcheck": "false", "autocapitalize": "off", "class": "font-monospace"},
    )
    submit = SubmitField("Save the policy")
    iss = StringField(
        "Issuer (iss)", [Length(max=2048)], render_kw={"spellcheck": "false", "autocomplete": "off", "type": "text"}
    )
    claims = TextAreaField(
        "Claims, as JSON",
        [Length(max=LONGEST_CLAIMS)],
        filters=[_lines],
        render_kw={"rows": 8, "spellcheck": "false", "autocapitalize": "off", "class": "font-monospace"},
    )

    def refuse(self, field: str, message: str) -> None:
        """Say what is wrong: of a policy each fault on its own."""
        for one in message.splitlines():
            super().refuse(field, one)


@section.page("{registry}/-/policy", READ)
def show_policy(asked: Asked) -> Response:
    """Show the policy of a registry, with an example behind it where one is asked for."""
    kept = asked.manager.registries.get(asked.path).policy
    example = EXAMPLES.get(request.args.get("example", ""))
    form = Editor(policy=kept)
    if example is not None:
        former = f"{kept.rstrip()}\n" if kept.strip() else ""
        form = Editor(policy=former + example.policy, iss=example.iss, claims=example.claims)
    return _shown(asked, form, 200, unsaved=example is not None)


@section.action("{registry}/-/policy", MANAGE)
def set_policy(asked: Asked) -> Response:
    """Replace the policy of a registry. Whoever came in by the former one has to come again."""
    form = Editor()
    if not form.is_taken(lambda: _save(asked, form.policy.data or "")):
        return _shown(asked, form, 422, unsaved=True)
    flash("The policy is saved.", "success")
    return go(links.tab(asked.registry.path, tabs.POLICY))


@section.action("{registry}/-/policy/test", READ, changes=False)
def test_policy(asked: Asked) -> Response:
    """Say what a token of these claims would be granted by the text in the editor. Nothing is saved."""
    form, found = Editor(), list[Decision]()
    is_judged = form.is_taken(lambda: found.append(_decide(asked, form)))
    unsaved = (form.policy.data or "") != asked.manager.registries.get(asked.path).policy
    return _shown(asked, form, 200 if is_judged else 422, unsaved=unsaved, decision=found[0] if found else None)


@section.form("{registry}/-/policy/remove", MANAGE)
def remove_policy(asked: Asked) -> Response:
    """Ask, and take the policy of a registry away."""
    back = links.tab(asked.registry.path, tabs.POLICY)
    if request.method == "POST":
        asked.manager.registries.set_policy(asked.author, asked.path, "")
        flash(f"{asked.path} has no OIDC policy any more.", "success")
        return go(back)
    lines = ("Jobs of CI services are let in no more, and those that came in by it are refused from then on.",)
    crumbs = ((asked.path, links.registry(asked.registry.path)), ("OIDC policy", back))
    return confirming.ask(Question(f"Remove the OIDC policy of {asked.path}?", lines, "Remove it", back, crumbs))


def _save(asked: Asked, text: str) -> None:
    if not text.strip():
        raise Invalid("policy", "the policy is empty: to be rid of it, remove it")
    asked.manager.registries.set_policy(asked.author, asked.path, text)


def _decide(asked: Asked, form: Editor) -> Decision:
    claims = _claims(form.claims.data or "")
    iss = (form.iss.data or "").strip() or claims.get("iss", "")
    if not isinstance(iss, str) or not iss:
        raise Invalid("iss", "say who issues the token: its iss")
    try:
        policy = parse(form.policy.data or "", asked.context.settings.oidc_issuers)
    except PolicyError as error:
        raise Invalid("policy", str(error)) from None
    return policy.decide(iss, claims)


def _claims(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text or "{}")
    except (ValueError, RecursionError) as error:
        where = f": line {error.lineno}, {error.msg}" if isinstance(error, json.JSONDecodeError) else ""
        raise Invalid("claims", f"this is no JSON{where}") from None
    if not isinstance(found, dict):
        raise Invalid("claims", "claims are an object: names in quotes, and what each is")
    return found


def _shown(asked: Asked, form: Editor, status: int, *, unsaved: bool, decision: Decision | None = None) -> Response:
    registry, settings = asked.registry, asked.context.settings
    return render(
        "registry_policy.html",
        status,
        registry=registry,
        form=form,
        unsaved=unsaved,
        decision=decision,
        examples={name: (one.title, one.iss in settings.oidc_issuers) for name, one in EXAMPLES.items()},
        audience=audience(settings, registry) if settings.url else "",
        manages=may(asked.caller.actor, Action.MANAGE_REGISTRY, target_of(registry)),
    )
