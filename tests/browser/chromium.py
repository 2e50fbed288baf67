"""Chromium, started so that it reaches this machine's loopback alone.

What goes wrong elsewhere, and what is done here:

- As root it ends at once ("Running as root without --no-sandbox is not supported"), and containers rarely allow its
  sandbox to anybody: ``--no-sandbox``. It shows nothing but pages of these tests.
- In containers ``/dev/shm`` has 64 MiB, and tabs crash on long pages: Playwright passes ``--disable-dev-shm-usage``.
- Without fonts every letter is the same box, and layouts fit that would not: ``fonts-dejavu-core`` has the letters,
  ``fonts-noto-color-emoji`` the emoji. ``test_checks.py`` draws one of each.
- It looks for updates, proxies and ``/favicon.ico``: no host but 127.0.0.1 has an address here, and no proxy is asked.
- Debian's launcher prints ``[: … unexpected operator`` where ``/dev/shm`` is large, which is harmless.
- Playwright's synchronous calls run an event loop in the thread of the tests: ``asyncio.run`` fails beside them, so
  tests with a browser are a run of their own.
"""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

from tests.stores.process import require

INSTALL = "apt-get install chromium fonts-dejavu-core fonts-noto-color-emoji"
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-proxy-server",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """Run a Chromium while the block lasts; skip where there is none. In CI it must be there."""
    program = require(shutil.which("chromium"), INSTALL)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(FLAGS))
        try:
            yield browser
        finally:
            browser.close()
