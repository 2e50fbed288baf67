"""The pages as a person has them: in Chromium, against a server that serves accounts and images.

``pages.py`` is the table of pages: each row is looked at light and dark, wide and narrow, examined by axe-core, and
visited without JavaScript; nothing that somebody stored acts on it. ``test_scenes.py`` has what people come for, from
the first page to what they wanted. Screenshots are kept below ``build/screenshots``, or ``OCIREG_TEST_SCREENSHOTS``.

What is needed beside Python, and how it is installed, ``.ci/run`` says; ``chromium.py`` and ``axe.py`` say what goes
wrong without. Playwright's own browsers are not: whatever ``chromium`` is in PATH is driven.
"""
