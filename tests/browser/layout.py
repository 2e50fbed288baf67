"""Whether all of a page can be seen: nothing sticks out of it, and no text is cut."""

from playwright.sync_api import Page

_NAME = """const name = e => e.tagName.toLowerCase() + (e.id ? "#" + e.id : "")
  + [...e.classList].map(c => "." + c).join("") + " " + JSON.stringify(e.textContent.trim().slice(0, 60));"""

# What an element inside of it scrolls, or cuts, does not make the page wide.
STICKING_OUT = (
    "() => {"
    + _NAME
    + """
  const root = document.documentElement, range = document.createRange();
  if (root.scrollWidth <= root.clientWidth) return [];
  const held = e => {
    for (let p = e.parentElement; p && p !== document.body; p = p.parentElement)
      if (getComputedStyle(p).overflowX !== "visible") return true;
    return false;
  };
  const out = e => {
    range.selectNodeContents(e);
    const right = Math.max(e.getBoundingClientRect().right, range.getBoundingClientRect().right) + scrollX;
    return Math.round(right) > root.clientWidth && !held(e);
  };
  const inner = [...document.body.querySelectorAll("*")].filter(e => out(e) && ![...e.children].some(out));
  return [`${root.scrollWidth} of ${root.clientWidth} pixels`, ...inner.slice(0, 10).map(name)];
}"""
)

# What is cut on purpose is not judged: fields, which scroll with the cursor; what is for screen readers alone, a pixel
# large; and what says all of itself in a title.
CUT = (
    "() => {"
    + _NAME
    + """
  const hides = /hidden|clip/, fields = /^(input|textarea|select|option)$/i;
  const cut = e => {
    const style = getComputedStyle(e);
    if (fields.test(e.tagName) || e.clientWidth <= 1 || e.clientHeight <= 1 || e.closest("[title]")) return false;
    if (!e.checkVisibility({visibilityProperty: true}) || !e.textContent.trim()) return false;
    return (hides.test(style.overflowX) && e.scrollWidth > e.clientWidth + 1)
      || (hides.test(style.overflowY) && e.scrollHeight > e.clientHeight + 1);
  };
  return [...document.body.querySelectorAll("*")].filter(cut).slice(0, 10).map(name);
}"""
)


def fits(page: Page) -> None:
    """Fail if the page is wider than its window, or cuts a text that nothing else shows; name the elements.

    An element that scrolls is no fault: whoever wants can see the rest.
    """
    wide = page.evaluate(STICKING_OUT)
    assert not wide, "wider than the window: " + "; ".join(wide)
    cut = page.evaluate(CUT)
    assert not cut, "cut: " + "; ".join(cut)
