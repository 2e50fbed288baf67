"""Retention policies of registries: which tags stay, what one would do, and how it went."""

from typing import Any

from marshmallow import fields as base
from marshmallow import validate

from ocireg.auth.access import Action
from ocireg.auth.manage.errors import Unknown
from ocireg.registry.retention import policy as language
from ocireg.registry.retention.policy import MOST_COUNT, MOST_DAYS, MOST_PATTERNS, MOST_RULES, RetentionError
from ocireg.registry.retention.preview import MOST, Judged, Preview, Wanted
from ocireg.registry.retention.service import Kept
from ocireg.web import doors
from ocireg.web.api import fields
from ocireg.web.api.fields import Count, Strict
from ocireg.web.api.nouns import A_REGISTRY, Noun
from ocireg.web.asked import Asked
from ocireg.web.doors import Door
from ocireg.web.problems import Fault, Problem

noun = Noun("Retention", "A policy says which tags of a registry stay; the others are deleted, and can be restored.")

READ = Door(Action.READ_SETTINGS, doors.registry)
MANAGE = Door(Action.MANAGE_REGISTRY, doors.registry)
AT = f"{A_REGISTRY}/retention"


def _patterns(pattern: str, example: str) -> base.List[Any]:
    inner = fields.matching(pattern, example, longest=language.LONGEST_PATTERN)
    about = {"example": [example], "description": "Globs: * is any characters, ? is one. All, where nothing is said."}
    return base.List(inner, validate=validate.Length(1, MOST_PATTERNS), metadata=about)


def _number(most: int, example: int, description: str) -> Count:
    return Count(validate=validate.Range(1, most), metadata={"example": example, "description": description})


class RetentionKeep(Strict):
    """What a rule keeps of the tags that it is about: those for which one of these is true. One at least is said."""

    always = fields.Flag(validate=validate.OneOf([True]), metadata={"example": True})
    last_pushed = _number(MOST_COUNT, 10, "So many of each repository, the last pushed.")
    last_pulled = _number(MOST_COUNT, 5, "Likewise, the last pulled.")
    pushed_within_days = _number(MOST_DAYS, 30, "What was pushed within so many days.")
    pulled_within_days = _number(MOST_DAYS, 30, "What was pulled within so many days.")


class RetentionRule(Strict):
    """A rule: a tag that some rule is about stays if one of these keeps it, and what no rule is about stays."""

    repositories = _patterns("^[a-z0-9._/*?-]+$", "*")
    tags = _patterns("^[A-Za-z0-9._*?-]+$", "*")
    keep = base.Nested(RetentionKeep, required=True, metadata={"example": {"last_pushed": 10}, "minProperties": 1})


class RetentionPolicy(Strict):
    """A policy. ``untagged_after_days``: how long a manifest without a tag stays; 0 is for ever."""

    rules = base.List(base.Nested(RetentionRule), load_default=list, validate=validate.Length(0, MOST_RULES))
    untagged_after_days = Count(allow_none=True, validate=validate.Range(0, MOST_DAYS), metadata={"example": 7})


class RetentionQuestion(Strict):
    """What is asked: of the policy that the registry has where none is sent; of all repositories and all verdicts."""

    policy = base.Nested(RetentionPolicy)
    repository = fields.repository()
    verdict = fields.one_of(("keep", "delete"), "delete")
    per_page = Count(load_default=30, validate=validate.Range(1, MOST), metadata={"example": 30})
    after = base.String(validate=validate.Length(1, 400), metadata={"description": "The next of the former answer."})


class RetentionVerdict(Strict):
    """A tag stays or goes. ``rule``: the number of the one that says so, from 1; null: none does."""

    repository = base.String(metadata={"example": "acme/containers/web/api"})
    tag = base.String(metadata={"example": "pr-17"})
    digest = base.String()
    pushed_at = fields.time()
    pulled_at = fields.time(allow_none=True)
    verdict = base.String(metadata={"example": "delete"})
    rule = base.Integer(allow_none=True)
    reason = base.String(metadata={"example": "rule 1: number 12 by push, and 10 stay"})


class RetentionPreview(Strict):
    """What would become of tags. ``cut``: it took too long, and counts are of what was looked at until then."""

    repositories = base.Integer()
    tags = base.Integer()
    kept = base.Integer()
    deleted = base.Integer()
    cut = base.Boolean()
    next = base.String(allow_none=True, metadata={"description": "What after is for the page that follows."})
    verdicts = base.List(base.Nested(RetentionVerdict))


class RetentionReport(Strict):
    """How it went. ``unsettled``: repositories whose tags changed too often meanwhile; the next run goes on."""

    repositories = base.Integer()
    tags = base.Integer()
    deleted = base.Integer()
    unsettled = base.Integer()
    ended = base.Boolean(metadata={"description": "The policy was changed or taken away meanwhile."})


class RetentionRun(Strict):
    """When the policy was followed last, and how that went. ``asked``: it will be soon."""

    asked = base.Boolean()
    ran_at = fields.time(allow_none=True)
    last = base.Nested(RetentionReport, allow_none=True)


@noun.operation("GET", AT, READ, answer=RetentionPolicy)
def show_retention(asked: Asked) -> dict[str, Any]:
    """Show the retention policy of a registry."""
    return _kept(asked).policy.written()


@noun.operation("PUT", AT, MANAGE, body=RetentionPolicy, answer=RetentionPolicy)
def set_retention(asked: Asked, body: dict[str, Any]) -> dict[str, Any]:
    """Replace the retention policy of a registry. It is followed when it is due: preview it first."""
    policy = _parsed(body)
    asked.context.registry.retention.set(asked.author, asked.registry, policy)
    return policy.written()


@noun.operation("DELETE", AT, MANAGE)
def remove_retention(asked: Asked) -> None:
    """Take the retention policy of a registry away: all tags stay."""
    if not asked.context.registry.retention.remove(asked.author, asked.registry):
        raise _nothing(asked)


@noun.operation("POST", f"{AT}/preview", READ, body=RetentionQuestion, answer=RetentionPreview, changes=False)
def preview_retention(asked: Asked, body: dict[str, Any]) -> dict[str, Any]:
    """Say what a policy would do now: each tag with the verdict, and the rule that says so. Nothing is changed."""
    policy = _parsed(body["policy"], "policy.") if "policy" in body else _kept(asked).policy
    keep = None if "verdict" not in body else body["verdict"] == "keep"
    wanted = Wanted(body["per_page"], body.get("after", ""), keep, body.get("repository", ""))
    return _shown(asked.context.registry.retention.preview(asked.registry, policy, wanted))


@noun.operation("GET", f"{AT}/run", READ, answer=RetentionRun)
def show_retention_run(asked: Asked) -> dict[str, Any]:
    """Show how it went when the policy was followed last."""
    return _ran(_kept(asked))


@noun.operation("POST", f"{AT}/run", MANAGE, answer=RetentionRun, status=202)
def run_retention(asked: Asked) -> dict[str, Any]:
    """Have the policy followed soon, without waiting for the interval."""
    _kept(asked)
    asked.context.registry.retention.ask(asked.registry)
    return _ran(_kept(asked))


def _ran(found: Kept) -> dict[str, Any]:
    return {"asked": found.asked, "ran_at": found.ran_at, "last": found.report or None}


def _shown(found: Preview) -> dict[str, Any]:
    counts = {name: getattr(found, name) for name in ("repositories", "tags", "kept", "deleted", "cut")}
    return {**counts, "next": found.more or None, "verdicts": [_verdict(one) for one in found.shown]}


def _verdict(one: Judged) -> dict[str, Any]:
    tag, verdict = one.verdict.tag, one.verdict
    return {
        "repository": one.repository,
        "tag": tag.name,
        "digest": tag.digest,
        "pushed_at": tag.pushed_at,
        "pulled_at": tag.pulled_at,
        "verdict": "keep" if verdict.keep else "delete",
        "rule": verdict.rule,
        "reason": verdict.reason,
    }


def _parsed(document: dict[str, Any], before: str = "") -> language.Policy:
    try:
        return language.parse(document)
    except RetentionError as error:
        faults = [Fault(f"{before}{one.where}", "invalid", one.reason) for one in error.faults]
        raise Problem(422, "the retention policy is not valid", faults) from None


def _kept(asked: Asked) -> Kept:
    found = asked.context.registry.retention.of(asked.registry)
    if found is None:
        raise _nothing(asked)
    return found


def _nothing(asked: Asked) -> Unknown:
    return Unknown("retention", f"{asked.path} has no retention policy")
