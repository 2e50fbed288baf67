"""Whether a page has nothing in it that would act: what somebody stored is text there, and nothing else."""

from playwright.sync_api import Page

ACTING = r"""() => {
  const ours = new URL(location.href).origin, found = [];
  const name = e => e.outerHTML.slice(0, 200);
  const web = url => /^https?:$/.test(url.protocol);
  for (const e of document.querySelectorAll("*")) {
    if ([...e.attributes].some(one => one.name.startsWith("on") || one.name === "style")) found.push(name(e));
    if (/^(iframe|object|embed|base)$/i.test(e.tagName)) found.push(name(e));
    for (const from of ["href", "src", "action", "formaction"]) {
      if (!e.hasAttribute(from) || e.namespaceURI.endsWith("svg")) continue;
      const url = new URL(e.getAttribute(from), location.href), elsewhere = url.origin !== ours;
      const follows = e.tagName === "A";
      if (!web(url) || (elsewhere && !(follows && e.relList.contains("noopener")))) found.push(name(e));
    }
  }
  for (const e of document.scripts) if (!e.src || e.textContent) found.push(name(e));
  return found;
}"""


def harmless(page: Page) -> None:
    """Fail if an element has a handler or a style of its own, or leads or loads from where no page of ours would."""
    found = page.evaluate(ACTING)
    assert not found, "\n".join(found)
