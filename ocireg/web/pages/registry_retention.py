"""The retention policy of a registry: its rules as a form, what they would do, how it went last, and a run."""

from typing import Any

from flask import Response, flash, request
from wtforms import BooleanField, FieldList, FormField, HiddenField, IntegerField, StringField, SubmitField
from wtforms import Form as PlainForm
from wtforms.validators import Length, NumberRange, Optional

from ocireg.auth.access import Action, may
from ocireg.auth.manage.errors import Unknown
from ocireg.auth.places import target_of
from ocireg.registry.retention.policy import (
    LONGEST_PATTERN,
    MOST_COUNT,
    MOST_DAYS,
    MOST_PATTERNS,
    MOST_RULES,
    Keep,
    Policy,
    RetentionError,
    Rule,
    parse,
)
from ocireg.registry.retention.preview import Preview, Wanted
from ocireg.registry.retention.service import Kept
from ocireg.web import doors
from ocireg.web.asked import Asked
from ocireg.web.doors import Door
from ocireg.web.pages import confirming, links
from ocireg.web.pages.confirming import Question
from ocireg.web.pages.forms import Form
from ocireg.web.pages.lists import SIZE, within
from ocireg.web.pages.rendering import go, render
from ocireg.web.pages.retention_presets import PRESETS
from ocireg.web.pages.section import Section

section = Section("registry_retention")

READ = Door(Action.READ_SETTINGS, doors.registry)
MANAGE = Door(Action.MANAGE_REGISTRY, doors.registry)
PAGE = "retention"
NUMBERS = ("last_pushed", "last_pulled", "pushed_within_days", "pulled_within_days")
LONGEST = MOST_PATTERNS * (LONGEST_PATTERN + 1)
SHOWN = {"": None, "delete": False, "keep": True}
"""Which verdicts are shown, by the value of the choice."""


def _number(label: str, most: int) -> IntegerField:
    bounds = [Optional(), NumberRange(1, most)]
    return IntegerField(label, bounds, render_kw={"min": 1, "max": most, "inputmode": "numeric"})


def _patterns(label: str) -> StringField:
    return StringField(
        label, [Length(max=LONGEST)], render_kw={"placeholder": "*", "spellcheck": "false", "autocapitalize": "off"}
    )


class RuleForm(PlainForm):
    """A rule; one of which nothing is said is none."""

    repositories = _patterns("Images")
    tags = _patterns("Tags")
    always = BooleanField("Keep all of them, for ever")
    last_pushed = _number("Last pushed", MOST_COUNT)
    last_pulled = _number("Last pulled", MOST_COUNT)
    pushed_within_days = _number("Pushed within days", MOST_DAYS)
    pulled_within_days = _number("Pulled within days", MOST_DAYS)

    def document(self) -> dict[str, Any] | None:
        """Return the rule as JSON has it; None where nothing is said."""
        patterns = {name: (self[name].data or "").replace(",", " ").split() for name in ("repositories", "tags")}
        keep = {name: self[name].data for name in NUMBERS if self[name].data is not None}
        keep |= {"always": True} if self.always.data else {}
        if not keep and not any(patterns.values()):
            return None
        return {**{name: found or ["*"] for name, found in patterns.items()}, "keep": keep}


class Editor(Form):
    """The rules of a policy, with room for one more."""

    rules = FieldList(FormField(RuleForm), max_entries=MOST_RULES)
    untagged_after_days = IntegerField(
        "Days that untagged versions stay",
        [Optional(), NumberRange(0, MOST_DAYS)],
        render_kw={"min": 0, "max": MOST_DAYS, "inputmode": "numeric"},
    )
    shown = HiddenField()
    submit = SubmitField("Save the policy")

    @classmethod
    def of(cls, policy: Policy) -> "Editor":
        """Return the form of a policy."""
        return cls(rules=[_row(one) for one in policy.rules], untagged_after_days=policy.untagged_after_days)

    def policy(self) -> Policy | None:
        """Return what the form says; None where it says what cannot be, which is told at its fields."""
        if not self.validate():
            return None
        found = [(number, one.form.document()) for number, one in enumerate(self.rules)]
        said = [(number, one) for number, one in found if one is not None]
        try:
            return parse({"rules": [one for _, one in said], "untagged_after_days": self.untagged_after_days.data})
        except RetentionError as error:
            for fault in error.faults:
                self._tell(fault.where.split("."), fault.reason, [number for number, _ in said])
            return None

    def room(self) -> None:
        """Let there be an empty rule at the end, if there may be one more."""
        if len(self.rules) < MOST_RULES and (not len(self.rules) or self.rules[-1].form.document() is not None):
            self.rules.append_entry()

    def _tell(self, where: list[str], reason: str, numbers: list[int]) -> None:
        """Say what is wrong at the field of a rule, or above all."""
        if len(where) > 2 and where[0] == "rules":
            form = self.rules[numbers[int(where[1])]].form
            field = form[where[-1]] if where[-1] in form else form["always"]
            field.errors = [*field.errors, reason]
        else:
            self.form_errors.append(reason)


@section.page("{registry}/-/retention", READ)
def show_retention(asked: Asked) -> Response:
    """Show the retention policy of a registry, or one of the examples in its place."""
    kept = _kept(asked)
    preset = PRESETS.get(request.args.get("example", ""))
    policy = preset.policy if preset else kept.policy if kept else Policy()
    return _page(asked, Editor.of(policy), kept, unsaved=preset is not None)


@section.action("{registry}/-/retention", MANAGE)
def set_retention(asked: Asked) -> Response:
    """Replace the retention policy of a registry."""
    form = Editor()
    policy = form.policy()
    if policy is None:
        return _page(asked, form, _kept(asked), 422, unsaved=True)
    asked.context.registry.retention.set(asked.author, asked.registry, policy)
    flash("The retention policy is saved. Nothing is deleted before it is followed the next time.", "success")
    return go(links.tab(asked.registry.path, PAGE))


@section.action("{registry}/-/retention/preview", READ, changes=False)
def preview_retention(asked: Asked) -> Response:
    """Say of each tag what the rules in the form would do with it. Nothing is saved, and nothing deleted."""
    form, kept = Editor(), _kept(asked)
    policy = form.policy()
    if policy is None:
        return _page(asked, form, kept, 422, unsaved=True)
    which, _, after = (form.shown.data or "")[:LONGEST].partition(" ")
    wanted = Wanted(SIZE, after, SHOWN.get(which))
    preview = asked.context.registry.retention.preview(asked.registry, policy, wanted)
    unsaved = policy != (kept.policy if kept else Policy())
    return _page(asked, form, kept, unsaved=unsaved, preview=preview, which=which, first=not wanted.after)


@section.action("{registry}/-/retention/run", MANAGE)
def run_retention(asked: Asked) -> Response:
    """Have the policy that is saved followed soon."""
    if _kept(asked) is None:
        raise Unknown("retention", f"{asked.path} has no retention policy")
    asked.context.registry.retention.ask(asked.registry)
    flash("The policy is followed in a moment: load this page again to see how it went.", "success")
    return go(links.tab(asked.registry.path, PAGE))


@section.form("{registry}/-/retention/remove", MANAGE)
def remove_retention(asked: Asked) -> Response:
    """Ask, and take the retention policy of a registry away."""
    back = links.tab(asked.registry.path, PAGE)
    if request.method == "POST":
        if not asked.context.registry.retention.remove(asked.author, asked.registry):
            raise Unknown("retention", f"{asked.path} has no retention policy")
        flash(f"{asked.path} has no retention policy any more.", "success")
        return go(back)
    lines = ("No tag is deleted by itself any more. Those that were deleted can be restored from the history of tags.",)
    crumbs = ((asked.path, links.registry(asked.registry.path)), ("Retention", back))
    question = Question(f"Remove the retention policy of {asked.path}?", lines, "Remove it", back, crumbs)
    return confirming.ask(question)


def _row(rule: Rule) -> dict[str, Any]:
    """Return a rule as its form has it: patterns that are all are not said."""
    patterns = {
        name: "" if found == ("*",) else " ".join(found)
        for name, found in (("repositories", rule.repositories), ("tags", rule.tags))
    }
    keep: Keep = rule.keep
    return {**patterns, "always": keep.always, **{name: getattr(keep, name) for name in NUMBERS}}


def _kept(asked: Asked) -> Kept | None:
    return asked.context.registry.retention.of(asked.registry)


def _page(
    asked: Asked,
    form: Editor,
    kept: Kept | None,
    status: int = 200,
    *,
    unsaved: bool,
    preview: Preview | None = None,
    which: str = "",
    first: bool = True,
) -> Response:
    form.room()
    settings = asked.context.settings
    return render(
        "registry_retention.html",
        status,
        registry=asked.registry,
        form=form,
        kept=kept,
        unsaved=unsaved,
        preview=preview,
        which=which,
        first=first,
        presets=PRESETS,
        within=within,
        floor=settings.retention_floor,
        interval=settings.retention_interval,
        untagged=settings.untagged_retention,
        manages=may(asked.caller.actor, Action.MANAGE_REGISTRY, target_of(asked.registry)),
    )
