"""A store that cannot work as configured: start-up says so in one line, and a request meanwhile is a 503 in JSON."""

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from ocireg.app import create_app
from tests.backends.s3_place import Place
from tests.conftest import BufferedClient, installation
from tests.server import environment, free_port
from tests.settings import settings_for
from tests.stores.proxy import Proxy, Rule, proxy
from tests.stores.s3 import CREDENTIALS, S3Store
from tests.stores.served import s3_credentials
from tests.web.v2 import push

pytestmark = pytest.mark.faults


@pytest.mark.parametrize(
    ("bucket", "variables", "said"),
    [
        ("no-such-bucket", {}, "NoSuchBucket"),
        ("tests", {"AWS_SECRET_ACCESS_KEY": "wrong"}, "the secret key does not belong to this access key"),
        ("tests", {"AWS_ACCESS_KEY_ID": "nobody"}, "the store does not know this access key"),
        ("tests", {"OCIREG_S3_ENDPOINT": "http://127.0.0.1:1"}, "Could not connect"),
        ("tests", {"OCIREG_S3_PART_SIZE": "uniform:1KiB"}, "it is from 5MiB to 5GiB"),
    ],
    ids=["bucket", "secret", "key", "refused", "option"],
)
def test_a_start_says_what_is_wrong_in_one_line(
    tmp_path: Path, seaweedfs: S3Store, bucket: str, variables: dict[str, str], said: str
) -> None:
    settings = environment(
        data=tmp_path / "data",
        bind=f"127.0.0.1:{free_port()}",
        storage=f"s3://{bucket}/started",
        s3_endpoint=seaweedfs.endpoint,
        s3_addressing="path",
    )
    done = subprocess.run(
        [sys.executable, "-m", "ocireg", "serve"],
        env=settings | CREDENTIALS | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (done.returncode, done.stderr.count("\n")) == (2, 1), done.stderr
    assert said in done.stderr
    assert CREDENTIALS["AWS_SECRET_ACCESS_KEY"] not in done.stderr


@pytest.fixture
def failing(seaweedfs: S3Store) -> Iterator[Proxy]:
    with proxy(seaweedfs.endpoint) as running:
        yield running


@pytest.fixture
def client(tmp_path: Path, seaweedfs: S3Store, failing: Proxy) -> Iterator[FlaskClient]:
    with s3_credentials():
        app = create_app(settings_for(tmp_path, storage=Place(seaweedfs).url(failing.url)))
        app.test_client_class = BufferedClient
        yield app.test_client()
    installation(app).database.close()


@pytest.mark.parametrize("code", ["AccessDenied", "ExpiredToken", "NoSuchBucket", "InvalidAccessKeyId"])
def test_a_request_to_a_store_that_refuses_is_a_503_in_one_line_of_log(
    client: FlaskClient, failing: Proxy, caplog: pytest.LogCaptureFixture, code: str
) -> None:
    digest = push.blob(client, "a/b", b"layer")
    location = client.post("/v2/a/b/blobs/uploads/").headers["Location"]
    failing.rules = [Rule(code, times=1000)]
    caplog.clear()
    for answer in (
        client.patch(location, data=b"more"),
        client.put(f"{location}?digest={digest}", data=b"layer"),
        client.get(f"/v2/a/b/blobs/{digest}"),
    ):
        assert (answer.status_code, answer.get_json()["errors"][0]["code"]) == (503, "UNAVAILABLE")
        assert "secret" not in answer.get_data(as_text=True)
    errors = [record for record in caplog.records if record.levelname == "ERROR"]
    assert len(errors) == 3
    assert all(code in record.getMessage() and not record.exc_info for record in errors)
    failing.rules = []
    assert client.get(f"/v2/a/b/blobs/{digest}").get_data() == b"layer"
