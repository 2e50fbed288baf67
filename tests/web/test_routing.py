"""Rules that compile what builds their URLs when it is asked for build the same ones."""

import pytest
from werkzeug.routing import Map, Rule

from ocireg.web.routing import LazyRule

RULES = ["/", "/static/<path:filename>", "/<int:number>/-/<name>", "/<any(a, b):kind>/x"]
VALUES = {"filename": "a b/c.css", "number": 7, "name": "ü/%", "kind": "b", "unknown": "?&", "more": None}


@pytest.mark.parametrize("written", RULES)
@pytest.mark.parametrize("append_unknown", [True, False])
def test_a_lazy_rule_builds_what_a_rule_does(written: str, append_unknown: bool) -> None:
    lazy, plain = LazyRule(written, endpoint="one"), Rule(written, endpoint="one")
    for rule in (lazy, plain):
        Map([rule])
    assert lazy.build(VALUES, append_unknown) == plain.build(VALUES, append_unknown)
    assert lazy.build(VALUES, append_unknown) == plain.build(VALUES, append_unknown), "and again"
