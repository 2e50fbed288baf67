"""``ocireg registry retention``: which tags of a registry stay, and what goes."""

import argparse
from dataclasses import asdict
from typing import Any

from ocireg.auth.manage.registries import ROOT
from ocireg.cli import output
from ocireg.cli.files import read_object
from ocireg.cli.session import Session, session
from ocireg.cli.table import JSON, Argument, Command, Group
from ocireg.config import Loaded
from ocireg.errors import OperatorError
from ocireg.registry.registry import retention_of
from ocireg.registry.retention.policy import Keep, Policy, RetentionError, parse
from ocireg.registry.retention.preview import MOST, Judged, Wanted
from ocireg.registry.retention.service import Kept

PATIENCE = 30.0
"""Seconds that a run waits for another one."""
_REGISTRY = Argument("registry", f"ORGANIZATION/REGISTRY, or {ROOT} for the root registry")
_FILE = Argument("file", "a policy in JSON, as show prints it; - is standard input")
_WORDS = {
    "last_pushed": "the last {} pushed",
    "last_pulled": "the last {} pulled",
    "pushed_within_days": "pushed within {} days",
    "pulled_within_days": "pulled within {} days",
}


def _show(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        kept = _kept(at, arguments.registry)
    if arguments.json:
        output.document(kept.policy.written())
        return 0
    rows = [
        (str(number), " ".join(rule.repositories), " ".join(rule.tags), _told(rule.keep))
        for number, rule in enumerate(kept.policy.rules, 1)
    ]
    output.table(("rule", "repositories", "tags", "keeps"), rows)
    days = kept.policy.untagged_after_days
    if days is not None:
        output.said(f"what has no tag stays {f'{days} days' if days else 'for ever'}")
    report = kept.report
    last = f": {report['deleted']} of {report['tags']} tags deleted" if report else ""
    output.said(f"followed last (UTC): {output.moment(kept.ran_at)}{last}")
    return 0


def _set(loaded: Loaded, arguments: argparse.Namespace) -> int:
    policy = _read(arguments.file)
    with session(loaded, arguments) as at:
        registry = at.manager.registries.get(arguments.registry)
        retention_of(at.database, at.settings).set(at.by, registry, policy)
    output.said(f"{arguments.registry} has this retention policy: {len(policy.rules)} rules; preview says what goes")
    return 0


def _preview(loaded: Loaded, arguments: argparse.Namespace) -> int:
    policy = None if arguments.policy is None else _read(arguments.policy)
    with session(loaded, arguments) as at:
        if policy is None:
            policy = _kept(at, arguments.registry).policy
        registry, retention = at.manager.registries.get(arguments.registry), retention_of(at.database, at.settings)
        keep = False if arguments.deleted else None
        after, shown = "", list[Judged]()
        while True:
            found = retention.preview(registry, policy, Wanted(MOST, after, keep, arguments.repository or ""))
            shown += found.shown
            after = found.more
            if not after:
                break
    if arguments.json:
        output.document([_document(one) for one in shown])
        return 0
    rows = [
        (one.repository, one.verdict.tag.name, "keep" if one.verdict.keep else "delete", one.verdict.reason)
        for one in shown
    ]
    output.table(("repository", "tag", "verdict", "reason"), rows)
    return 0


def _run(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        at.require_writable()
        _kept(at, arguments.registry)
        registry = at.manager.registries.get(arguments.registry)
        done = retention_of(at.database, at.settings).run(registry, patience=PATIENCE)
    if done.held:
        raise OperatorError("the database may not know all that was pushed: ocireg rebuild first (docs/recovery.rst)")
    if done.busy:
        raise OperatorError("another process is at it: try again later")
    if arguments.json:
        output.document(
            {name: value for name, value in asdict(done).items() if name not in {"busy", "held", "registries"}}
        )
    else:
        output.said(f"deleted {done.deleted} of {done.tags} tags, in {done.repositories} repositories")
    return 0


def _clear(loaded: Loaded, arguments: argparse.Namespace) -> int:
    with session(loaded, arguments) as at:
        _kept(at, arguments.registry)
        retention_of(at.database, at.settings).remove(at.by, at.manager.registries.get(arguments.registry))
    output.said(f"{arguments.registry} has no retention policy any more: all tags stay")
    return 0


def _kept(at: Session, path: str) -> Kept:
    found = retention_of(at.database, at.settings).of(at.manager.registries.get(path))
    if found is None:
        raise OperatorError(f"{path} has no retention policy")
    return found


def _read(name: str) -> Policy:
    try:
        return parse(read_object(name))
    except RetentionError as error:
        raise OperatorError(f"{name}: {'; '.join(map(str, error.faults))}") from None


def _told(keep: Keep) -> str:
    said = keep.written()
    words = ["all of them"] if said.pop("always", False) else []
    return ", ".join(words + [_WORDS[name].format(value) for name, value in said.items()])


def _document(one: Judged) -> dict[str, Any]:
    verdict = asdict(one.verdict)
    tag = verdict.pop("tag")
    kept = {name: tag[name] for name in ("digest", "pushed_at", "pulled_at")}
    return {"repository": one.repository, "tag": tag["name"], **kept, **verdict}


GROUP = Group(
    "Say which tags of a registry stay; the others are deleted.",
    {
        "show": Command(
            _show,
            "Show the retention policy of a registry, and how it went last. With --json: as set takes it.",
            arguments=(_REGISTRY, JSON),
            examples=(("ocireg registry retention show acme/apps --json > retention.json", "to change it"),),
        ),
        "set": Command(
            _set,
            "Let a registry have a retention policy, in place of another one.",
            "docs/retention.rst describes it. It is followed every OCIREG_RETENTION_INTERVAL.",
            arguments=(_REGISTRY, _FILE),
            examples=(("ocireg registry retention set acme/apps retention.json", "after a look at its preview"),),
        ),
        "preview": Command(
            _preview,
            "Say of each tag whether it stays, and why. Nothing is changed.",
            arguments=(
                _REGISTRY,
                Argument("--policy", "that of a file, in place of the one that the registry has", "FILE"),
                Argument("--repository", "the tags of one repository, by its full name", "NAME"),
                Argument("--deleted", "those alone that would be deleted"),
                JSON,
            ),
            examples=(
                ("ocireg registry retention preview acme/apps --deleted", "what the next run deletes"),
                ("ocireg registry retention preview acme/apps --policy retention.json", "before it is set"),
            ),
        ),
        "run": Command(
            _run,
            "Follow the policy of a registry now: delete the tags that do not stay. Each can be restored for a while.",
            arguments=(_REGISTRY, JSON),
            examples=(("ocireg registry retention run acme/apps", "without waiting for the interval"),),
        ),
        "clear": Command(
            _clear,
            "Take the retention policy of a registry away: all tags stay.",
            arguments=(_REGISTRY,),
            examples=(("ocireg registry retention clear acme/apps", "nothing is deleted by itself any more"),),
        ),
    },
)
