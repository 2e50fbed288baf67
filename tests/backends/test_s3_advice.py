"""What an operator is told about a bucket, of SeaweedFS and of moto; and which drivers tell anything."""

import uuid
from pathlib import Path
from typing import Any, cast

import pytest

from backends import advice
from tests.stores.s3 import CREDENTIALS, S3Store

ABORT = {"AbortIncompleteMultipartUpload": {"DaysAfterInitiation": 7}}
VERSIONS = {"NoncurrentVersionExpiration": {"NoncurrentDays": 1}}
EXPIRY = {"Expiration": {"Days": 30}}


@pytest.fixture(autouse=True)
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the driver find those of the stores."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)


@pytest.fixture(params=["seaweedfs", "moto"])
def store(request: pytest.FixtureRequest) -> S3Store:
    """Each of the stores."""
    found: S3Store = request.getfixturevalue(request.param)
    return found


def rule(actions: dict[str, Any], *, prefix: str = "", status: str = "Enabled") -> dict[str, Any]:
    """Return a lifecycle rule."""
    return {"ID": uuid.uuid4().hex, "Status": status, "Filter": {"Prefix": prefix}} | actions


def advised(store: S3Store, *rules: dict[str, Any], versioned: bool = False) -> str:
    """Return the advice about a new bucket with those rules, under the prefix ``a/b``."""
    bucket = store.new_bucket()
    if versioned:
        store.client.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    if rules:
        store.client.put_bucket_lifecycle_configuration(
            Bucket=bucket, LifecycleConfiguration={"Rules": cast("Any", rules)}
        )
    found = advice(store.url(bucket, prefix="a/b"))
    assert all(": " in line and "\n" not in line for line in found)
    return "\n".join(found)


def test_a_new_bucket_lacks_a_rule_for_uploads_given_up(store: S3Store) -> None:
    assert advised(store).startswith("no lifecycle rule ends uploads")


@pytest.mark.parametrize("prefix", ["", "a/", "a/b/"])
def test_a_rule_for_all_of_it_is_enough(store: S3Store, prefix: str) -> None:
    assert advised(store, rule(ABORT, prefix=prefix)) == ""


@pytest.mark.parametrize("useless", [{"prefix": "other/"}, {"prefix": "a/b/blobs/"}, {"status": "Disabled"}])
def test_a_rule_for_something_else_is_not(store: S3Store, useless: dict[str, str]) -> None:
    assert advised(store, rule(ABORT, **useless)).startswith("no lifecycle rule ends uploads")


def test_versioning_keeps_what_was_deleted_unless_a_rule_ends_it(store: S3Store) -> None:
    assert "versioning keeps" in advised(store, rule(ABORT), versioned=True)
    assert advised(store, rule(ABORT | VERSIONS), versioned=True) == ""


@pytest.mark.parametrize(("prefix", "harmful"), [("", True), ("a/b/blobs/", True), ("c/", False)])
def test_a_rule_that_removes_what_is_needed_is_named(store: S3Store, prefix: str, harmful: bool) -> None:
    expiring = rule(EXPIRY, prefix=prefix)
    found = advised(store, rule(ABORT), expiring)
    assert (expiring["ID"] in found) is harmful
    assert (found == "") is not harmful


def test_a_rule_for_tagged_objects_is_none_of_ours(store: S3Store) -> None:
    tagged = rule(EXPIRY) | {"Filter": {"Tag": {"Key": "a", "Value": "b"}}}
    assert advised(store, rule(ABORT), tagged) == ""


def test_a_store_that_does_not_answer_gives_no_advice() -> None:
    assert advice("s3://bucket?endpoint=http://127.0.0.1:1") == []


def test_a_driver_from_outside_may_have_advice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "advising.py").write_text("make = None\ndef advice(url):\n    return [f'{url} is odd: mend it']\n")
    described = tmp_path / "advising-1.0.dist-info"
    described.mkdir()
    (described / "METADATA").write_text("Metadata-Version: 2.1\nName: advising\nVersion: 1.0\n")
    (described / "entry_points.txt").write_text("[ocireg.backends]\nodd = advising:make\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    assert advice("odd:x") == ["odd:x is odd: mend it"]


@pytest.mark.parametrize("url", ["file:/nowhere", "memory:", "nowhere:x"])
def test_a_driver_without_advice_has_none(url: str) -> None:
    assert advice(url) == []
