"""The table of matchers: how the argument of each is read."""

from collections.abc import Callable, Mapping

from ocireg.auth.policy.errors import shown
from ocireg.auth.policy.nodes import Entries, Items, Node, Scalar, Value, named
from ocireg.auth.policy.parts import Faulty, Part, Unusable, listed, scalar
from ocireg.auth.policy.rules import Equals, In, Matcher, Matches, NotEquals, NotIn, Rule
from ocireg.oci.glob import MOST_GLOB, Glob

MOST_CHARACTERS = 1024
"""Characters of a value, or of the name of a claim."""


def rule_of(claim: str, node: Node) -> Rule:
    """Return the rule that a value, or a map of matchers, is. ``Faulty`` with all its faults."""
    if isinstance(node, Scalar):
        return Rule(claim, (Equals(_value(node, shown(claim))),))
    if not isinstance(node, Entries):
        raise Unusable(
            node, f"{shown(claim)} takes a value or a map of matchers, not {named(node)}: write in for a list"
        )
    if not node.entries:
        raise Unusable(node, f"{shown(claim)} has no matcher: wanted {_WANTED}")
    matchers: list[Matcher] = []
    faults: list[Part] = []
    for name, entry in node.entries.items():
        try:
            if name not in MATCHERS:
                raise Unusable(entry, f"unknown matcher {shown(name)}: wanted {_WANTED}")
            matchers.append(MATCHERS[name](entry.value, name))
        except Faulty as error:
            faults.extend(error.parts)
    if faults:
        raise Faulty(tuple(faults))
    return Rule(claim, tuple(matchers))


def _value(node: Node, what: str) -> Value:
    found = scalar(node, what)
    if isinstance(found.value, str) and len(found.value) > MOST_CHARACTERS:
        raise Unusable(found, f"a value has {MOST_CHARACTERS} characters at most")
    return found.value


def _values(node: Node, what: str) -> tuple[Value, ...]:
    return tuple(_value(one, what) for one in listed(node, what))


def _globs(node: Node, what: str) -> tuple[Glob, ...]:
    nodes = listed(node, what) if isinstance(node, Items) else (scalar(node, what),)
    return tuple(_glob(one, what) for one in nodes)


def _glob(node: Scalar, what: str) -> Glob:
    if not isinstance(node.value, str):
        raise Unusable(node, f"{what} takes a glob, which is a text, not {named(node)}")
    if len(node.value) > MOST_GLOB:
        raise Unusable(node, f"a glob has {MOST_GLOB} characters at most")
    return Glob(node.value)


MATCHERS: Mapping[str, Callable[[Node, str], Matcher]] = {
    "equals": lambda node, name: Equals(_value(node, name)),
    "not_equals": lambda node, name: NotEquals(_value(node, name)),
    "in": lambda node, name: In(_values(node, name)),
    "not_in": lambda node, name: NotIn(_values(node, name)),
    "matches": lambda node, name: Matches(_globs(node, name)),
}
"""Every matcher, in the order of the documentation."""
_WANTED = f"{', '.join(list(MATCHERS)[:-1])} or {list(MATCHERS)[-1]}"
