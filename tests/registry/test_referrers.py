"""Lists of referrers: how large they are, and what they cost."""

import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient

from ocireg.app import create_app
from ocireg.oci.digest import Digest
from ocireg.oci.media_types import OCI_MANIFEST
from tests.conftest import BufferedClient, installation
from tests.settings import settings_for
from tests.web.v2 import push

LIMIT = 200_000
MANY = 40
TEXTS = {
    "plain": "x" * 190_000,
    "emoji": "\U0001f600" * 47_000,
    "accents": "\u00e9" * 95_000,
    "quotes": '"' * 95_000,
    "control characters": "\x01" * 31_000,
}


@pytest.fixture
def app(tmp_path: Path) -> Iterator[Flask]:
    made = create_app(settings_for(tmp_path, manifest_limit=LIMIT))
    made.test_client_class = BufferedClient
    yield made
    installation(made).database.close()


def refer(client: FlaskClient, text: str, count: int) -> set[str]:
    """Push an image and manifests that refer to it, with that annotation; return the digests of these."""
    push.manifest(client, "a/b", "v1")
    body = json.loads(push.image(subject=push.descriptor(push.image(), OCI_MANIFEST)))
    made = set()
    for number in range(count):
        content = json.dumps({**body, "annotations": {str(number): text}}, ensure_ascii=False).encode()
        made.add(push.manifest(client, "a/b", f"r{number}", content))
    return made


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS.keys())
def test_no_page_is_larger_than_a_manifest_may_be(app: Flask, text: str) -> None:
    client = app.test_client()
    made = refer(client, text, 3)
    found: list[str] = []
    url = f"/v2/a/b/referrers/{Digest.of(push.image())}"
    while url:
        answer = client.get(url)
        assert len(answer.get_data()) <= LIMIT
        listed = json.loads(answer.get_data())["manifests"]
        assert all(text in one["annotations"].values() for one in listed)
        found += [one["digest"] for one in listed]
        url = answer.headers.get("Link", "").partition(";")[0].strip("<>")
    assert sorted(found) == sorted(made)


def test_a_page_costs_what_it_holds_and_not_what_there_is(app: Flask) -> None:
    refer(app.test_client(), TEXTS["plain"], MANY)
    referrers = installation(app).registry.referrers
    subject = Digest.of(push.image())
    referrers.page("a/b", subject, None, "", 1000, LIMIT)
    tracemalloc.start()
    page, more = referrers.page("a/b", subject, None, "", 1000, LIMIT)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(page) == 1
    assert more is not None
    assert peak < MANY / 4 * LIMIT


def test_a_page_that_was_left_early_holds_nothing_up(app: Flask) -> None:
    client = app.test_client()
    refer(client, TEXTS["plain"], 3)
    found = installation(app)
    found.registry.referrers.page("a/b", Digest.of(push.image()), None, "", 1, LIMIT)
    # A read that is still open would keep the log from being emptied.
    assert found.database.fetch("PRAGMA wal_checkpoint(TRUNCATE)") == (0, 0, 0)
