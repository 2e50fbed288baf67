"""The store fails, at every kind of request and in every way: a push succeeds or fails clearly, and leaves nothing."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import backends.deadline
import backends.retry
from ocireg.app import create_app
from ocireg.oci.digest import Digest
from tests.backends.s3_place import Place
from tests.conftest import BufferedClient, installation
from tests.faults.pusher import Image
from tests.settings import settings_for
from tests.stores.proxy import FAULTS, Proxy, Rule, proxy
from tests.stores.s3 import S3Store
from tests.stores.served import s3_credentials

MIB = 1024 * 1024
IMAGE = Image.of(bytes(range(256)) * 4 * 1024 * 7 + b"odd")  # a part of 5 MiB and more, and a tail
DIGEST = Digest.of(IMAGE.blob)
MANIFEST = Digest.of(IMAGE.manifest)
TARGETS = {
    "the beginning": ("POST", "uploads"),
    "a part": ("PUT", "partNumber=1"),
    "the last part": ("PUT", "partNumber=2"),
    "parking the tail": ("PUT", ".tails/"),
    "reading the tail": ("GET", ".tails/"),
    "the commit": ("POST", "uploadId="),
    "removing the tail": ("DELETE", ".tails/"),
    "the manifest": ("PUT", "/manifests/"),
    "a pull": ("GET", "/blobs/"),
}
CASES = [
    *((fault, target) for fault in FAULTS for target in TARGETS),
    ("200 with an error", "the commit"),
    ("wrong ETag", "a part"),
    ("wrong ETag", "the last part"),
]


@pytest.fixture
def failing(seaweedfs: S3Store) -> Iterator[Proxy]:
    """A proxy in front of a store."""
    with proxy(seaweedfs.endpoint) as running:
        yield running


@pytest.fixture
def client(
    tmp_path: Path, seaweedfs: S3Store, failing: Proxy, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FlaskClient]:
    """A registry on the store, through the proxy; it waits less long than another. At the end nothing is left over."""
    monkeypatch.setattr(backends.deadline, "SILENCE", 2.5)
    monkeypatch.setattr(backends.retry, "PATIENCE", 2.5)
    place = Place(seaweedfs)
    with s3_credentials():
        app = create_app(settings_for(tmp_path, storage=place.url(failing.url, part_size="uniform:5MiB")))
        app.test_client_class = BufferedClient
        yield app.test_client()
        report = installation(app).registry.sweep.run(expiry=0, grace=0)
    installation(app).database.close()
    assert report.failed == 0
    names, uploads = place.left()
    assert uploads == []
    assert [name for name in names if ".tails" in name] == []
    assert len(names) == 3, "the mark, the blob and the manifest"


def push(client: FlaskClient) -> list[TestResponse]:
    """Push as a client that gives up at the first error that is not its own; return the answers."""
    answers = [client.post("/v2/a/b/blobs/uploads/")]
    location = answers[0].headers.get("Location", "")
    for start, stop in ((0, 3 * MIB), (3 * MIB, 3 * MIB + 7), (3 * MIB + 7, len(IMAGE.blob))):
        if answers[-1].status_code == 202:
            answers.append(client.patch(location, data=IMAGE.blob[start:stop]))
    if answers[-1].status_code == 202:
        answers.append(client.put(f"{location}?digest={DIGEST}"))
    if answers[-1].status_code == 201:
        media_type = json.loads(IMAGE.manifest)["mediaType"]
        answers.append(client.put("/v2/a/b/manifests/v1", data=IMAGE.manifest, content_type=media_type))
    return answers


def pull(client: FlaskClient) -> TestResponse:
    """Pull the blob; the reader of an answer that breaks off would raise."""
    return client.get(f"/v2/a/b/blobs/{DIGEST}")


def require_whole(client: FlaskClient) -> None:
    """Check that what was pushed comes back."""
    assert pull(client).get_data() == IMAGE.blob
    assert client.get("/v2/a/b/manifests/v1").get_data() == IMAGE.manifest


def require_clear(answer: TestResponse) -> None:
    """Check that a failure says whose it is, in JSON: the store's, or that the upload must begin again."""
    assert answer.status_code in (404, 503), answer.get_data()
    code = answer.get_json()["errors"][0]["code"]
    assert code in ("UNAVAILABLE", "BLOB_UPLOAD_UNKNOWN")


@pytest.mark.faults
@pytest.mark.parametrize(("fault", "target"), CASES)
def test_a_failure_is_mended_or_said_and_leaves_nothing(
    client: FlaskClient, failing: Proxy, fault: str, target: str
) -> None:
    method, part = TARGETS[target]
    failing.rules = [Rule(fault, method, part)]
    if target == "a pull":
        failing.rules = []
    answers = push(client)
    if answers[-1].status_code != 201 or len(answers) < 6:
        require_clear(answers[-1])
        assert client.head(f"/v2/a/b/blobs/{DIGEST}").status_code in (200, 404)
        answers = push(client)
    if target == "a pull":
        failing.rules = [Rule(fault, method, part)]
        answer = pull(client)
        if answer.status_code != 200:
            require_clear(answer)
    assert [rule.times for rule in failing.rules] == [0], "the fault was met"
    assert answers[-1].status_code == 201
    require_whole(client)


@pytest.mark.faults
@pytest.mark.parametrize(
    ("fault", "target"),
    [*(("503", target) for target in TARGETS), ("answer lost", "the commit"), ("answer lost", "the manifest")],
)
def test_an_outage_is_said_and_afterwards_all_is_well(
    client: FlaskClient, failing: Proxy, fault: str, target: str
) -> None:
    method, part = TARGETS[target]
    if target == "a pull":
        push(client)
    failing.rules = [Rule(fault, method, part, times=10**6)]
    answers = [pull(client)] if target == "a pull" else push(client)
    if answers[-1].status_code != 201:
        require_clear(answers[-1])
    failing.rules = []
    assert push(client)[-1].status_code == 201
    require_whole(client)


@pytest.mark.faults
def test_a_client_that_pushes_at_once_waits_for_a_silent_store_but_once(client: FlaskClient, failing: Proxy) -> None:
    """The commit took all the time that there is: the upload is left to the clean-up."""
    failing.rules = [Rule("silence", "POST", "uploadId=", times=10**6), Rule("silence", "DELETE", times=10**6)]
    require_clear(client.post(f"/v2/a/b/blobs/uploads/?digest={DIGEST}", data=IMAGE.blob))
    assert failing.requests("DELETE") == []
    failing.rules = []
    assert push(client)[-1].status_code == 201
    require_whole(client)
