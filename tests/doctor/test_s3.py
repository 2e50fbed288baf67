"""The diagnosis of a bucket: what is wrong with it or with its credentials is one line each."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from ocireg.doctor.steps import STEPS
from tests.doctor.process import doctor, ended
from tests.stores.s3 import READER, S3Store

pytestmark = pytest.mark.faults

STEP_NAMES = [step.check for step in STEPS]


@pytest.mark.parametrize("which", ["seaweedfs", "moto"])
def test_a_healthy_bucket_passes_every_step_and_keeps_nothing(
    tmp_path: Path, which: str, request: pytest.FixtureRequest
) -> None:
    store: S3Store = request.getfixturevalue(which)
    bucket = store.new_bucket()
    url = store.url(bucket, prefix="some/where")
    doctor(tmp_path, url, command="init")
    before = store.names(bucket)
    status, found = doctor(tmp_path, url)
    assert status == 0, found
    assert ended(found, "Fail") | ended(found, "Skip") == {}
    assert [found[name]["verdict"] for name in STEP_NAMES] == ["Pass"] * len(STEP_NAMES)
    assert found["store link"]["text"].startswith("fetched from 127.0.0.1:")
    assert (store.names(bucket), store.open_uploads(bucket)) == (before, [])


@pytest.mark.parametrize(
    ("bucket", "variables", "failed", "said"),
    [
        ("no-such-bucket", {}, "store", "NoSuchBucket"),
        (None, {"AWS_SECRET_ACCESS_KEY": "wrong"}, "store", "the secret key does not belong to this access key"),
        (None, {"AWS_ACCESS_KEY_ID": "nobody"}, "store", "the store does not know this access key"),
        (None, READER, "store put", "PutObject: AccessDenied"),
        (None, {"OCIREG_S3_ENDPOINT": "http://127.0.0.1:1"}, "store", "Could not connect"),
        (None, {"OCIREG_S3_ADDRESSING": "diagonal"}, "store", "addressing=diagonal: it is one of path"),
    ],
    ids=["bucket", "secret", "key", "permission", "refused", "option"],
)
def test_what_is_wrong_is_one_line(
    tmp_path: Path, seaweedfs: S3Store, bucket: str | None, variables: dict[str, str], failed: str, said: str
) -> None:
    made = seaweedfs.new_bucket()
    settings = {"OCIREG_S3_ENDPOINT": seaweedfs.endpoint, "OCIREG_S3_ADDRESSING": "path"}
    doctor(tmp_path, f"s3://{made}", command="init", **settings)
    before = seaweedfs.names(made)
    status, found = doctor(tmp_path, f"s3://{bucket or made}", **{**settings, **variables})
    assert status == 1
    assert set(ended(found, "Fail")) == {failed}
    assert said in found[failed]["message"]
    assert "\n" not in found[failed]["message"]
    assert found[failed]["advice"]
    needing = {"store owner", "left-overs", "backups", "up to date"} if failed == "store" else set()
    assert set(ended(found, "Skip")) == {*STEP_NAMES, *needing} - {failed}
    assert "no-secret-at-all" not in json.dumps(found)
    assert (seaweedfs.names(made), seaweedfs.open_uploads(made)) == (before, [])
    assert {one["Name"] for one in seaweedfs.client.list_buckets()["Buckets"]}.isdisjoint({"no-such-bucket"})


@contextmanager
def _answering(code: str) -> Iterator[str]:
    """Serve nothing but one error, as a store that knows temporary credentials does: those here know none."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = f"<Error><Code>{code}</Code><Message>The provided token has expired.</Message></Error>".encode()
            self.send_response(400)
            self.send_header("Content-Type", "application/xml")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_arguments: object) -> None:
            """Say nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}"
        finally:
            server.shutdown()
            thread.join()


def test_credentials_that_have_expired_are_said_to_be(tmp_path: Path) -> None:
    with _answering("ExpiredToken") as endpoint:
        status, found = doctor(tmp_path, f"s3://bucket?endpoint={endpoint}")
    assert status == 1
    assert "ExpiredToken The provided token has expired: the credentials have expired" in found["store"]["message"]


def test_what_a_bucket_keeps_is_a_warning(tmp_path: Path, seaweedfs: S3Store) -> None:
    url = seaweedfs.url(bucket := seaweedfs.new_bucket(), prefix="some/where")
    doctor(tmp_path, url, command="init")
    seaweedfs.client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    status, found = doctor(tmp_path, url)
    assert status == 0, found
    assert ended(found, "Warn").keys() == {"store bucket"}
