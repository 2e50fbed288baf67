"""Images for tests of pages: pushed, or put into the tables where there are many."""

import json
import re

from ocireg.metadata.models import Repository
from tests.security.statements import statements
from tests.web.api.conftest import pusher
from tests.web.installed import Api
from tests.web.pages.browser import Browser
from tests.web.v2 import push

GOODS, OPEN = "acme/goods", "acme/open"
NAME = f"{GOODS}/web/api"
NUMBERS = "n(i) AS (SELECT ? UNION ALL SELECT i + 1 FROM n WHERE i < (SELECT last FROM given) - 1)"
GIVEN = "given(last, here, registry) AS (SELECT ?, ?, ?)"
_MANIFEST = "INSERT INTO manifest (repository_id, digest, key, size, media_type, content, annotations, pushed_at)"
_DIGEST = "printf('sha256:%064x', {})"
FILLING = (
    f"""INSERT INTO repository (registry_id, name, created_at)
    SELECT registry, printf('{GOODS}/n%05d', i), 0 FROM n, given""",
    f"""{_MANIFEST} SELECT r.id, {_DIGEST.format("i")}, 'k' || i, 1, 'x/y', '', '{{}}', i
    FROM n JOIN repository r ON r.name = printf('{GOODS}/n%05d', i)""",
    f"""{_MANIFEST} SELECT here, {_DIGEST.format("i")}, 't' || i, 1, 'x/y', '', '{{}}', i FROM n, given""",
    f"""{_MANIFEST} SELECT here, {_DIGEST.format("1000000 + i")}, 'u' || i, 1, 'x/y', '', '{{}}', i FROM n, given""",
    f"""INSERT INTO tag (repository_id, name, manifest_id, pushed_at)
    SELECT here, printf('n%05d', i), m.id, i FROM n, given
    JOIN manifest m ON m.repository_id = here AND m.digest = {_DIGEST.format("i")}""",
    f"""INSERT INTO tag_event (repository_id, name, digest, at, by)
    SELECT here, printf('n%05d', i), {_DIGEST.format("i")}, i, 'x' FROM n, given""",
)
LIKE_A_LIST = re.compile(r"SCAN (wanted|part|p|w|t3|CONSTANT ROW|\(subquery-\d+\))( |$)")
"""What is as long as a page is."""


def image(api: Api, name: str, tag: str, layer: bytes, config_type: str = "", config: bytes = b"{}") -> str:
    """Push an image; return its digest."""
    client = pusher(api)
    for one in (layer, config):
        push.blob(client, name, one)
    content = json.loads(push.image(layers=(layer,), config=config))
    if config_type:
        content["config"]["mediaType"] = config_type
    return push.manifest(client, name, tag, json.dumps(content).encode())


def fill(api: Api, first: int, last: int) -> None:
    """Let there be so many repositories with a tag, and in ``NAME`` as many tags, events and untagged manifests."""
    database = api.installed.database
    found = database.row(Repository.select(Repository.id, Repository.registry).where(Repository.name == NAME))
    assert found
    with database.transaction(durable=False):
        for text in FILLING:
            database.fetch_all(f"WITH RECURSIVE {NUMBERS}, {GIVEN} {text}", first, last, *found)


def asked(browser: Browser, path: str) -> list[str]:
    """Return what a page asks of the database, when it is looked at for the second time."""
    browser.get(path)
    with statements() as found:
        browser.get(path)
    return found


def scans(api: Api, texts: list[str]) -> list[str]:
    """Return where a table is read from end to end, of statements; whose values do not matter for that."""
    plans = [
        str(row[3])
        for text in texts
        if text.lstrip().startswith(("SELECT", "WITH"))
        for row in api.installed.database.fetch_all(f"EXPLAIN QUERY PLAN {text}", *[None] * text.count("?"))
    ]
    return [one for one in plans if one.startswith("SCAN") and not LIKE_A_LIST.match(one)]
