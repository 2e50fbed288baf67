"""axe-core: the rules of accessibility that a program can judge."""

import os
from functools import cache
from pathlib import Path

from playwright.sync_api import Page

from tests.stores.process import require

FOLDER = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "ocireg-ci" / "npm"
INSTALL = f"npm install --prefix {FOLDER} --no-save axe-core"
SERIOUS = ("serious", "critical")
RUN = """async () => (await axe.run(document, {resultTypes: ["violations"]})).violations.flatMap(
  rule => rule.nodes.map(node => ({
    rule: rule.id, impact: node.impact || rule.impact, help: rule.help,
    where: node.target.flat().join(" "), html: node.html.slice(0, 300), why: node.failureSummary})))"""


@cache
def _source() -> str:
    return Path(require(FOLDER / "node_modules/axe-core/axe.min.js", INSTALL)).read_text()


def axe(page: Page) -> None:
    """Fail if axe-core finds a fault that is serious or critical on the page, as it is now; name rule and element.

    It comes by the debugger's protocol, which no content security policy holds; what it does is of this page's origin.
    It sees the colours, and the widths, that the page has at the moment. A page needs JavaScript to be examined.
    """
    if not page.evaluate("typeof axe === 'object'"):
        page.evaluate(_source())
    found = [one for one in page.evaluate(RUN) if one["impact"] in SERIOUS]
    told = [f"{one['impact']} {one['rule']}: {one['help']}\n  {one['where']}\n  {one['html']}" for one in found]
    assert not told, "\n".join(told)
