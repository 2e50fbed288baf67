"""Which tags of a registry are immutable: its rules, what they bind, and what one would bind."""

from flask import Response, flash, request
from wtforms import BooleanField, StringField, SubmitField
from wtforms.validators import InputRequired, Length

from ocireg.auth.access import Action, may
from ocireg.auth.manage.errors import Unknown
from ocireg.auth.manage.immutable import LOOKED_AT, Preview
from ocireg.auth.places import target_of
from ocireg.metadata.immutable_rules import Rule
from ocireg.web import doors
from ocireg.web.asked import Asked
from ocireg.web.doors import Door
from ocireg.web.pages import confirming, links, tabs
from ocireg.web.pages.confirming import Question
from ocireg.web.pages.forms import Form
from ocireg.web.pages.rendering import go, render
from ocireg.web.pages.section import Section

section = Section("registry_immutable")

READ = Door(Action.READ_SETTINGS, doors.registry)
MANAGE = Door(Action.MANAGE_REGISTRY, doors.registry)
PAGE = "immutable-tags"
LONGEST = 3000
"""Characters of a field: as many globs as a rule has, with spaces."""
NAMED = 20
"""Tags that are named of what a rule binds."""
_TYPED = {"autocomplete": "off", "autocapitalize": "off", "spellcheck": "false"}


class NewRule(Form):
    """A rule; of several patterns each but the first has a space before it."""

    tags = StringField(
        "Tags",
        [InputRequired(), Length(max=LONGEST)],
        description="Patterns with spaces between them: * is any characters, ? is one.",
        render_kw={**_TYPED, "placeholder": "v* release-*"},
    )
    repositories = StringField(
        "Only in these images",
        [Length(max=LONGEST)],
        description="Patterns of names within this registry. Empty: in all.",
        render_kw={**_TYPED, "placeholder": "web/*"},
    )
    exceptions = StringField(
        "But not these tags",
        [Length(max=LONGEST)],
        description="Patterns of tags that stay free.",
        render_kw={**_TYPED, "placeholder": "v0.*"},
    )
    fallback_tags = BooleanField("Also the tags of signatures and SBOMs that name a digest (sha256-….sig)")
    submit = SubmitField("Add the rule")

    def rule(self) -> Rule:
        """Return what was typed."""
        globs = (tuple((one.data or "").split()) for one in (self.tags, self.repositories, self.exceptions))
        tags_, repositories, exceptions = globs
        return Rule(tags_, repositories, exceptions, bool(self.fallback_tags.data))


@section.page(f"{{registry}}/-/{PAGE}", READ)
def list_rules(asked: Asked) -> Response:
    """List the rules of a registry, with the tags that they bind."""
    return _shown(asked, NewRule(), 200)


@section.action(f"{{registry}}/-/{PAGE}", MANAGE)
def add_rule(asked: Asked) -> Response:
    """Make tags immutable; those that are there are bound at once."""
    form, made = NewRule(), list[Rule]()
    if not form.is_taken(lambda: made.append(asked.manager.immutable.add(asked.author, asked.path, form.rule()))):
        return _shown(asked, form, 422)
    flash(f"Tags are immutable now: {made[0]}.", "success")
    return go(links.tab(asked.registry.path, PAGE))


@section.action(f"{{registry}}/-/{PAGE}/preview", READ, changes=False)
def preview_rule(asked: Asked) -> Response:
    """Show which tags a rule would bind. Nothing is saved."""
    form, found = NewRule(), list[Preview]()
    judged = form.is_taken(lambda: found.append(asked.manager.immutable.preview(asked.path, [form.rule()])))
    return _shown(asked, form, 200 if judged else 422, draft=found[0] if found else None)


@section.form(f"{{registry}}/-/{PAGE}/<rule>/remove", MANAGE)
def remove_rule(asked: Asked, rule: str) -> Response:
    """Ask, and take a rule away."""
    back = links.tab(asked.registry.path, PAGE)
    if request.method == "POST":
        gone = asked.manager.immutable.remove(asked.author, asked.path, rule)
        flash(f"The rule is removed: {gone}.", "success")
        return go(back)
    found = next((one for one in asked.manager.immutable.rules(asked.path) if one.id == rule), None)
    if found is None:
        raise Unknown("rule", f"{asked.path} has no rule {rule!r}")
    lines = (
        f"The rule: {found}.",
        "Tags that no other rule binds can then be pushed again as something else, and deleted, by whoever may do so.",
    )
    registry = asked.registry.path
    above = ((asked.path, links.registry(registry)), ("Settings", links.tab(registry, tabs.SETTINGS)))
    crumbs = (*above, ("Immutable tags", back))
    return confirming.ask(Question("Remove this rule?", lines, "Remove the rule", back, crumbs))


def _shown(asked: Asked, form: NewRule, status: int, draft: Preview | None = None) -> Response:
    rules = asked.manager.immutable.rules(asked.path)
    return render(
        "registry_immutable.html",
        status,
        registry=asked.registry,
        form=form,
        rules=rules,
        bound=asked.manager.immutable.preview(asked.path, rules) if rules else None,
        draft=draft,
        named=NAMED,
        looked_at=LOOKED_AT,
        manages=may(asked.caller.actor, Action.MANAGE_REGISTRY, target_of(asked.registry)),
    )
