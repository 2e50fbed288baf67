"""Screenshots, kept for people to look at."""

import os
from pathlib import Path

from playwright.sync_api import Page

FOLDER = Path(os.environ.get("OCIREG_TEST_SCREENSHOTS") or Path(__file__).parents[2] / "build" / "screenshots")


def screenshot(page: Page, name: str) -> Path:
    """Keep how the whole page looks now, as ``name.png``; return the file."""
    path = FOLDER / f"{name}.png"
    page.screenshot(path=path, full_page=True, animations="disabled", caret="hide", scale="css")
    return path
