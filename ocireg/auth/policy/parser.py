"""From nodes to a policy: what each part must be, and every fault with its place."""

from collections.abc import Container

from ocireg.auth.policy import reader
from ocireg.auth.policy.errors import MOST_FAULTS, Fault, PolicyError, shown
from ocireg.auth.policy.matchers import MOST_CHARACTERS, rule_of
from ocireg.auth.policy.nodes import Entries, Entry, Items, Node, Scalar, named
from ocireg.auth.policy.parts import Faulty, Unusable, listed
from ocireg.auth.policy.policy import DEFAULT_SCOPES, SCOPES, Policy, Statement
from ocireg.auth.policy.rules import Rule

MOST_STATEMENTS = 100
MOST_RULES = 64
"""Claims that a statement may name."""
_KEYS = ("iss", "scopes", "claims")


def parse(text: str, issuers: Container[str]) -> Policy:
    """Return the policy that a text of YAML or JSON is. ``issuers`` are those that a statement may name.

    ``PolicyError`` with the faults (``MOST_FAULTS`` at most); one of the syntax is told alone.
    """
    root = reader.read(text)
    if not isinstance(root, Items):
        raise _whole(root, f"a policy is a list of statements, not {named(root)}; one for nobody is []")
    if len(root.items) > MOST_STATEMENTS:
        raise _whole(root, f"a policy has {MOST_STATEMENTS} statements at most, not {len(root.items)}")
    faults: list[Fault] = []
    statements = [_Parser(number, issuers, faults).statement(node) for number, node in enumerate(root.items, 1)]
    if faults:
        raise PolicyError(sorted(faults, key=lambda one: (one.line, one.column))[:MOST_FAULTS])
    return Policy(tuple(one for one in statements if one is not None))


def _whole(node: Node, reason: str) -> PolicyError:
    return PolicyError([Fault(None, node.place.line, node.place.column, reason)])


class _Parser:
    """Reads one statement, and adds its faults to those of the policy."""

    def __init__(self, number: int, issuers: Container[str], faults: list[Fault]) -> None:
        self._number = number
        self._issuers = issuers
        self._faults = faults

    def statement(self, node: Node) -> Statement | None:
        """Return a statement, None for one with a fault."""
        if not isinstance(node, Entries):
            self._note(Unusable(node, f"a statement is a map of iss, scopes and claims, not {named(node)}"))
            return None
        for key, entry in node.entries.items():
            if key not in _KEYS:
                self._note(Unusable(entry, f"unknown key {shown(key)}: wanted iss, scopes or claims"))
        before = len(self._faults)
        iss = self._iss(node, node.entries.get("iss"))
        scopes = self._scopes(node.entries.get("scopes"))
        rules = self._claims(node, node.entries.get("claims"))
        return Statement(iss, rules, scopes) if len(self._faults) == before else None

    def _note(self, fault: Faulty) -> None:
        for one in fault.parts:
            self._faults.append(Fault(self._number, one.place.line, one.place.column, one.reason))

    def _iss(self, statement: Entries, entry: Entry | None) -> str:
        if entry is None:
            self._note(Unusable(statement, "iss is missing: it names the issuer of the tokens that are meant"))
            return ""
        value = entry.value.value if isinstance(entry.value, Scalar) else None
        if not isinstance(value, str):
            self._note(Unusable(entry.value, f"iss is a text, the URL of an issuer, not {named(entry.value)}"))
            return ""
        if value not in self._issuers:
            self._note(Unusable(entry.value, f"{shown(value)} is not an issuer that is allowed here"))
        return value

    def _scopes(self, entry: Entry | None) -> frozenset[str]:
        if entry is None:
            return DEFAULT_SCOPES
        try:
            found = listed(entry.value, "scopes")
        except Faulty as error:
            self._note(error)
            return DEFAULT_SCOPES
        for node in found:
            if node.value not in SCOPES:
                wanted = f"{', '.join(SCOPES[:-1])} or {SCOPES[-1]}"
                self._note(Unusable(node, f"unknown scope {shown(node.value)}: wanted {wanted}"))
        return frozenset(str(node.value) for node in found)

    def _claims(self, statement: Entries, entry: Entry | None) -> tuple[Rule, ...]:
        node = None if entry is None else entry.value
        if node is None or (isinstance(node, Entries) and not node.entries):
            self._note(Unusable(node or statement, "claims are missing: every token of the issuer would be meant"))
            return ()
        if not isinstance(node, Entries):
            self._note(Unusable(node, f"claims are a map of claim to rule, not {named(node)}"))
            return ()
        if len(node.entries) > MOST_RULES:
            self._note(Unusable(node, f"a statement has {MOST_RULES} claims at most, not {len(node.entries)}"))
            return ()
        rules = (self._rule(claim, one) for claim, one in node.entries.items())
        return tuple(one for one in rules if one is not None)

    def _rule(self, claim: str, entry: Entry) -> Rule | None:
        if len(claim) > MOST_CHARACTERS:
            self._note(Unusable(entry, f"the name of a claim has {MOST_CHARACTERS} characters at most"))
            return None
        try:
            return rule_of(claim, entry.value)
        except Faulty as error:
            self._note(error)
            return None
