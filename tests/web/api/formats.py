"""What schemathesis makes for the formats of the description that JSON Schema has no words for."""

import string

import schemathesis
from hypothesis import strategies as st

POLICY = "- iss: https://token.actions.githubusercontent.com\n  claims: {ref: main}\n"
_LINE = st.text(alphabet=st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=50).filter(str.isprintable)
FORMATS = {
    "line": st.just("") | _LINE,
    "filled-line": _LINE.map(lambda text: f"a{text}"[:50]),
    "emoji": st.sampled_from(["", "📦", "🚀"]),
    "password": st.text(alphabet=string.ascii_letters, min_size=10, max_size=40),
    "networks": st.sampled_from(["", "192.0.2.0/24", "2001:db8::/32, 127.0.0.1"]),
    "oidc-policy": st.sampled_from([POLICY, "[]"]),
}
for name, strategy in FORMATS.items():
    schemathesis.openapi.format(name, strategy)
