"""From text to a policy: what is understood, and how each fault is told."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ocireg.auth.policy import Fault, PolicyError, parse
from ocireg.auth.policy.errors import MOST_FAULTS
from ocireg.auth.policy.parser import MOST_RULES, MOST_STATEMENTS
from ocireg.auth.policy.parts import MOST_ITEMS
from ocireg.auth.policy.reader import MOST_BYTES

ISSUER = "https://agent.buildkite.com"
OTHER = "https://gitlab.com"
ALLOWED = {ISSUER, OTHER}


def statement(*lines: str, iss: str = ISSUER) -> str:
    """Return a statement with these lines under its issuer."""
    return "\n".join([f"- iss: {iss}", *(f"  {line}" for line in lines)]) + "\n"


def faults(text: str) -> list[str]:
    """Return the faults of a text, as they are told."""
    with pytest.raises(PolicyError) as caught:
        parse(text, ALLOWED)
    said = str(caught.value).splitlines()
    assert said == [str(one) for one in caught.value.faults]
    return said


FINE = statement("claims: {ref: main}")
SCOPES_WANTED = "wanted read_packages, write_packages or delete_packages"
WANTED = "wanted equals, not_equals, in, not_in or matches"
ONE_LINE = {
    "nothing": ("", "line 1: there is nothing: a policy for nobody is []"),
    "comments": ("# nobody\n", "line 1: there is nothing: a policy for nobody is []"),
    "null": ("null", "line 1: a policy is a list of statements, not null; one for nobody is []"),
    "a text": ("nobody", "line 1: a policy is a list of statements, not a text; one for nobody is []"),
    "a map": ("iss: x", "line 1: a policy is a list of statements, not a map; one for nobody is []"),
    "two documents": ("[]\n---\n[]", "line 2: a policy is one document"),
    "a directive": ("%YAML 1.2\n---\n[]", "line 1: a policy has no directives (lines that begin with %)"),
    "a directive of tags": ("%TAG ! x:\n---\n[]", "line 1: a policy has no directives (lines that begin with %)"),
    "no YAML": ("- iss: [", "statement 1, line 1: not YAML: expected the node content, but found '<stream end>'"),
    "a tab": ("-\tiss", "line 1: not YAML: found character '\\t' that cannot start any token"),
    "a control character": ("- \x00", "line 1: not YAML: it has a character that no text has"),
    "half a pair": ('- "\\ud800"', "statement 1, line 1: half of a surrogate pair is no text"),
    "an escape too far": ('- "\\UFFFFFFFF"', "line 1: not YAML: it has a character that no text has"),
    "an anchor": (FINE + "- &a x", "statement 2, line 3: a policy has no anchors and no aliases: here is the anchor a"),
    "an anchor of a key": (
        "- {&a iss: x}",
        "statement 1, line 1: a policy has no anchors and no aliases: here is the anchor a",
    ),
    "an alias": ("- *a", "statement 1, line 1: a policy has no anchors and no aliases: here is the alias a"),
    "an alias as a key": (
        "- *a : x",
        "statement 1, line 1: a policy has no anchors and no aliases: here is the alias a",
    ),
    "a tag": ("- !!str x", "statement 1, line 1: a policy has no tags: here is 'tag:yaml.org,2002:str'"),
    "a tag of a list": ("!mine []", "line 1: a policy has no tags: here is '!mine'"),
    "a tag of a map": (
        "- !!python/object/apply:os.system {a: b}",
        "statement 1, line 1: a policy has no tags: here is 'tag:yaml.org,2002:python/object/apply:os.system'",
    ),
    "a tag of a key": (
        "- {!!str iss: x}",
        "statement 1, line 1: a policy has no tags: here is 'tag:yaml.org,2002:str'",
    ),
    "a merge key": ("- <<: {iss: x}", "statement 1, line 1: a policy has no merge keys (<<)"),
    "a block scalar": (
        statement("claims:", "  ref: |", "    main"),
        "statement 1, line 3: a text stands on its line: a policy has no block scalars (| and >)",
    ),
    "a list as a key": ("- ? [a]\n  : b", "statement 1, line 1: a key is a text"),
    "an empty key": ('- "": b', "statement 1, line 1: a key is empty"),
    "a key twice": (statement("iss: x"), "statement 1, line 2: the key 'iss' is there twice"),
    "a claim twice": (
        statement("claims:", "  ref: a", '  "ref": b'),
        "statement 1, line 4: the key 'ref' is there twice",
    ),
    "a matcher twice": (
        FINE + statement("claims: {ref: {in: [a], in: [b]}}"),
        "statement 2, line 4: the key 'in' is there twice",
    ),
    "a statement that is none": (
        FINE + "- main",
        "statement 2, line 3: a statement is a map of iss, scopes and claims, not a text",
    ),
    "an unknown key": (
        statement("claims: {a: b}", "claim: {a: b}"),
        "statement 1, line 3: unknown key 'claim': wanted iss, scopes or claims",
    ),
    "no issuer": (
        "- claims: {a: b}",
        "statement 1, line 1: iss is missing: it names the issuer of the tokens that are meant",
    ),
    "an issuer that is none": (
        statement("claims: {a: b}", iss="1"),
        "statement 1, line 1: iss is a text, the URL of an issuer, not a number",
    ),
    "a list of issuers": (
        statement("claims: {a: b}", iss="[x]"),
        "statement 1, line 1: iss is a text, the URL of an issuer, not a list",
    ),
    "an issuer that is not allowed": (
        FINE + statement("claims: {a: b}", iss="https://example.com"),
        "statement 2, line 3: 'https://example.com' is not an issuer that is allowed here",
    ),
    "an issuer with a slash too many": (
        statement("claims: {a: b}", iss=ISSUER + "/"),
        f"statement 1, line 1: '{ISSUER}/' is not an issuer that is allowed here",
    ),
    "no claims": (
        statement(),
        "statement 1, line 1: claims are missing: every token of the issuer would be meant",
    ),
    "empty claims": (
        statement("claims: {}"),
        "statement 1, line 2: claims are missing: every token of the issuer would be meant",
    ),
    "claims that are null": (
        statement("claims:"),
        "statement 1, line 2: claims are a map of claim to rule, not nothing",
    ),
    "claims that are a list": (
        statement("claims: [a]"),
        "statement 1, line 2: claims are a map of claim to rule, not a list",
    ),
    "a scope that is none": (
        statement("claims: {a: b}", "scopes: [read_packages, admin]"),
        "statement 1, line 3: unknown scope 'admin': wanted read_packages, write_packages or delete_packages",
    ),
    "a scope of other tokens": (
        statement("claims: {a: b}", "scopes: [write_registries]"),
        f"statement 1, line 3: unknown scope 'write_registries': {SCOPES_WANTED}",
    ),
    "a scope that is a number": (
        statement("claims: {a: b}", "scopes: [1]"),
        "statement 1, line 3: unknown scope 1: wanted read_packages, write_packages or delete_packages",
    ),
    "a scope that is a list": (
        statement("claims: {a: b}", "scopes: [[read_packages]]"),
        "statement 1, line 3: an item of scopes takes one value, not a list",
    ),
    "no scope at all": (
        statement("claims: {a: b}", "scopes: []"),
        "statement 1, line 3: scopes takes a list that is not empty",
    ),
    "scopes that are no list": (
        statement("claims: {a: b}", "scopes: read_packages"),
        "statement 1, line 3: scopes takes a list, not a text",
    ),
    "scopes that are null": (
        statement("claims: {a: b}", "scopes:"),
        "statement 1, line 3: scopes takes a list, not nothing",
    ),
    "an unknown matcher": (
        FINE + statement("claims:", "  ref:", "    regex: x"),
        f"statement 2, line 6: unknown matcher 'regex': {WANTED}",
    ),
    "no matcher": (statement("claims: {ref: {}}"), f"statement 1, line 2: 'ref' has no matcher: {WANTED}"),
    "a list as a rule": (
        statement("claims: {ref: [main]}"),
        "statement 1, line 2: 'ref' takes a value or a map of matchers, not a list: write in for a list",
    ),
    "a rule that is not there": (
        statement("claims:", "  ref:"),
        "statement 1, line 3: 'ref' has no value: write null if that is meant",
    ),
    "a list for equals": (
        statement("claims: {ref: {equals: [main]}}"),
        "statement 1, line 2: equals takes one value, not a list",
    ),
    "nothing for not_equals": (
        statement("claims: {ref: {not_equals: }}"),
        "statement 1, line 2: not_equals has no value: write null if that is meant",
    ),
    "a map for not_equals": (
        statement("claims: {ref: {not_equals: {a: b}}}"),
        "statement 1, line 2: not_equals takes one value, not a map",
    ),
    "a text for in": (statement("claims: {ref: {in: main}}"), "statement 1, line 2: in takes a list, not a text"),
    "nothing in in": (
        statement("claims: {ref: {in: []}}"),
        "statement 1, line 2: in takes a list that is not empty",
    ),
    "a list in not_in": (
        statement("claims: {ref: {not_in: [[main]]}}"),
        "statement 1, line 2: an item of not_in takes one value, not a list",
    ),
    "nothing in not_in": (
        statement("claims: {ref: {not_in: []}}"),
        "statement 1, line 2: not_in takes a list that is not empty",
    ),
    "no glob": (
        statement("claims: {ref: {matches: []}}"),
        "statement 1, line 2: matches takes a list that is not empty",
    ),
    "a glob that is a number": (
        statement("claims: {ref: {matches: [main, 1]}}"),
        "statement 1, line 2: matches takes a glob, which is a text, not a number",
    ),
    "a glob that is true": (
        statement("claims: {ref: {matches: true}}"),
        "statement 1, line 2: matches takes a glob, which is a text, not true or false",
    ),
    "a map of globs": (
        statement("claims: {ref: {matches: {a: b}}}"),
        "statement 1, line 2: matches takes one value, not a map",
    ),
    "a number that is too long": (
        statement("claims: {id: " + "1" * 31 + "}"),
        "statement 1, line 2: a number of more than 30 characters: quote it, if it is text",
    ),
    "a hash that looks like a number": (
        statement("claims: {sha: 12e4567}"),
        "statement 1, line 2: 12e4567 is too large for a number: quote it, if it is text",
    ),
    "too much text": ("#" * (MOST_BYTES + 1), "line 1: a policy has 64 KiB at most"),
    "too many characters of several bytes": ("#" + "é" * (MOST_BYTES // 2), "line 1: a policy has 64 KiB at most"),
    "too many statements": (
        FINE * (MOST_STATEMENTS + 1),
        f"line 1: a policy has {MOST_STATEMENTS} statements at most, not {MOST_STATEMENTS + 1}",
    ),
    "too many claims": (
        statement("claims: {" + ", ".join(f"c{n}: x" for n in range(MOST_RULES + 1)) + "}"),
        f"statement 1, line 2: a statement has {MOST_RULES} claims at most, not {MOST_RULES + 1}",
    ),
    "too many items": (
        statement("claims: {ref: {in: [" + "x, " * MOST_ITEMS + "x]}}"),
        f"statement 1, line 2: in takes {MOST_ITEMS} items at most, not {MOST_ITEMS + 1}",
    ),
    "too long a glob": (
        statement("claims: {ref: {matches: " + "x" * 513 + "}}"),
        "statement 1, line 2: a glob has 512 characters at most",
    ),
    "too long a value": (
        statement("claims: {ref: " + "x" * 1025 + "}"),
        "statement 1, line 2: a value has 1024 characters at most",
    ),
    "too long a claim": (
        statement("claims:", "  ? " + "x" * 1025, "  : a"),
        "statement 1, line 3: the name of a claim has 1024 characters at most",
    ),
    "too deep": ("[" * 9, "statement 1, line 1: nested too deeply"),
    "far too deep": ("[" * MOST_BYTES, "statement 1, line 1: nested too deeply"),
}


@pytest.mark.parametrize(("text", "said"), ONE_LINE.values(), ids=ONE_LINE.keys())
def test_a_fault_is_told_with_its_statement_and_its_line(text: str, said: str) -> None:
    assert faults(text) == [said]


def test_all_faults_are_told_in_the_order_of_the_text() -> None:
    text = statement("scopes: [all]", "claims:", "  ref: {regex: x, in: []}", "  sub:") + "- main\n" + statement()
    assert faults(text) == [
        "statement 1, line 2: unknown scope 'all': wanted read_packages, write_packages or delete_packages",
        f"statement 1, line 4: unknown matcher 'regex': {WANTED}",
        "statement 1, line 4: in takes a list that is not empty",
        "statement 1, line 5: 'sub' has no value: write null if that is meant",
        "statement 2, line 6: a statement is a map of iss, scopes and claims, not a text",
        "statement 3, line 7: claims are missing: every token of the issuer would be meant",
    ]


def test_a_fault_knows_its_column() -> None:
    with pytest.raises(PolicyError) as caught:
        parse(statement("claims: {ref: {equals: main, in: main}}"), ALLOWED)
    assert [(one.statement, one.line, one.column) for one in caught.value.faults] == [(1, 2, 36)]


def test_no_more_faults_are_told_than_anybody_reads() -> None:
    assert len(faults("- x\n" * MOST_STATEMENTS)) == MOST_FAULTS


def test_a_fault_is_one_line_whatever_it_quotes() -> None:
    assert faults(statement('"a\\nb": 1', "claims: {a: b}")) == [
        "statement 1, line 2: unknown key 'a\\nb': wanted iss, scopes or claims"
    ]


def test_an_empty_policy_is_one_for_nobody() -> None:
    assert parse("[]", ALLOWED).statements == ()
    assert parse("--- []\n...\n", ALLOWED).statements == ()


def test_a_policy_names_its_issuers() -> None:
    text = FINE + statement("claims: {ref: main}", iss=OTHER) + FINE
    assert parse(text, ALLOWED).issuers == {ISSUER, OTHER}


JSON = [
    {"iss": ISSUER, "claims": {"ref": {"matches": ["refs/*", "😀"]}, "number": {"in": [1, 1.5, True, None, "a/b"]}}},
    {"iss": OTHER, "scopes": ["delete_packages"], "claims": {"ref": {"equals": "a", "not_equals": "b"}}},
]


@pytest.mark.parametrize("indent", [None, 0, 1, 4, "\t", " \t"])
@pytest.mark.parametrize("escaped", [True, False])
def test_json_is_understood_however_it_is_laid_out(indent: str | int | None, *, escaped: bool) -> None:
    first, second = parse(json.dumps(JSON, indent=indent, ensure_ascii=escaped), ALLOWED).statements
    assert str(first.rules[0].matchers[0]) == "matches ['refs/*', '😀']"
    assert str(first.rules[1].matchers[0]) == "in [1, 1.5, true, null, 'a/b']"
    assert second.scopes == {"delete_packages"}
    assert [str(one) for one in second.rules[0].matchers] == ["equals 'a'", "not_equals 'b'"]


def test_a_slash_may_be_escaped_as_in_json() -> None:
    found = parse('[{"iss":"https:\\/\\/gitlab.com","claims":{"a":"b"}}]', ALLOWED)
    assert found.issuers == {OTHER}


def outcome(text: str) -> tuple[Fault, ...] | None:
    """Return the faults of a text, None for a policy."""
    try:
        parse(text, ALLOWED)
    except PolicyError as error:
        return error.faults
    return None


@settings(deadline=None)
@given(st.text() | st.text("-[]{}:, \n\"'issclaims&*!|>%#?<0.eE~"))
def test_any_text_is_a_policy_or_a_fault(text: str) -> None:
    told = outcome(text)
    assert told is None or all(one.line >= 1 and one.column >= 1 and "\n" not in str(one) for one in told)


@settings(deadline=None)
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(["iss", "scopes", "claims", "x"]),
            st.recursive(
                st.sampled_from([ISSUER, "read_packages", 1, True, None, 1.5, "*"]) | st.text(),
                lambda inner: (
                    st.lists(inner, max_size=3)
                    | st.dictionaries(st.sampled_from(["equals", "in", "matches", "not_in", "ref"]), inner, max_size=3)
                ),
                max_leaves=8,
            ),
        ),
        max_size=4,
    )
)
def test_any_json_is_a_policy_or_a_fault_of_a_statement(document: list[dict[str, object]]) -> None:
    try:
        found = parse(json.dumps(document), ALLOWED)
    except PolicyError:
        return
    assert len(found.statements) == len(document)
    assert all(one.iss == ISSUER and one.rules and one.scopes for one in found.statements)
