"""The diagnosis of a bucket of Cloud Storage: what is wrong with it or with its credentials is one line each."""

import json
from collections.abc import Collection, Iterator
from pathlib import Path

import pytest
import requests

from ocireg.doctor.steps import STEPS
from tests.doctor.process import doctor, ended
from tests.server import free_port
from tests.stores.gcs import GcsStore
from tests.stores.gcs_account import Account, account
from tests.stores.proxy import Rule
from tests.stores.proxy import proxy as proxied

pytestmark = pytest.mark.faults

STEP_NAMES = [step.check for step in STEPS]


@pytest.fixture(scope="module")
def service() -> Iterator[Account]:
    with account() as made:
        yield made


def credentials(key: str) -> dict[str, str]:
    return {"OCIREG_GCS_CREDENTIALS": key}


@pytest.mark.parametrize("signed", [True, False], ids=["with a key", "as nobody"])
def test_a_healthy_bucket_passes_every_step_and_keeps_nothing(
    tmp_path: Path, fake_gcs: GcsStore, service: Account, *, signed: bool
) -> None:
    bucket = fake_gcs.new_bucket()
    url = fake_gcs.url(bucket, prefix="some/where")
    variables = credentials(service.key) if signed else {}
    doctor(tmp_path, url, command="init", **variables)
    before = fake_gcs.names(bucket)
    status, found = doctor(tmp_path, url, **variables)
    assert status == 0, found
    assert ended(found, "Fail") | ended(found, "Skip") | ended(found, "Warn") == {}
    assert [found[name]["verdict"] for name in STEP_NAMES] == ["Pass"] * len(STEP_NAMES)
    assert found["store bucket"]["verdict"] == "Pass"
    link = "fetched from 127.0.0.1:" if signed else "this store gives none: downloads pass through the registry"
    assert found["store link"]["text"].startswith(link)
    assert fake_gcs.names(bucket) == before


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("withdrawn_key", "Invalid JWT Signature.): make a new key for the service account"),
        ("not a key", "is not the JSON key of a service account: give the whole text"),
        ('{"private_key": "secret-part"}', "is not the JSON key of a service account"),
    ],
    ids=["withdrawn", "no JSON", "half a key"],
)
def test_credentials_that_cannot_be_used_are_one_line(
    tmp_path: Path, fake_gcs: GcsStore, service: Account, key: str, said: str
) -> None:
    bucket = fake_gcs.new_bucket()
    doctor(tmp_path, fake_gcs.url(bucket), command="init")
    before = fake_gcs.names(bucket)
    status, found = doctor(tmp_path, fake_gcs.url(bucket), **credentials(getattr(service, key, key)))
    require_one_failure(status, found, said, "credentials")
    assert fake_gcs.names(bucket) == before


def test_a_bucket_that_is_not_there_is_one_line_and_is_not_made(
    tmp_path: Path, fake_gcs: GcsStore, service: Account
) -> None:
    doctor(tmp_path, fake_gcs.url(fake_gcs.new_bucket()), command="init")
    status, found = doctor(tmp_path, fake_gcs.url("no-such-bucket"), **credentials(service.key))
    # fake-gcs-server says of an object that is asked for nothing of its bucket: only what is stored meets the refusal.
    said = "gs://no-such-bucket: there is no such bucket: make it, or correct the URL"
    require_one_failure(
        status, found, said, "OCIREG_STORAGE", check="store put", needing={"left-overs"}, also={"backups"}
    )
    assert "is it the right bucket" in found["store owner"]["advice"]
    assert "no-such-bucket" not in buckets(fake_gcs)


def require_one_failure(
    status: int,
    found: dict[str, dict[str, str]],
    said: str,
    advice: str,
    *,
    check: str = "store",
    needing: Collection[str] = ("store owner", "left-overs", "backups", "up to date"),
    also: Collection[str] = (),
) -> None:
    """Check that one check failed (``also``: others, of the same), and why in one line.

    The steps, and those ``needing`` it, were not tried.
    """
    assert status == 1
    assert set(ended(found, "Fail")) == {check, *also}
    assert said in found[check]["message"]
    assert "\n" not in found[check]["message"]
    assert advice in found[check]["advice"]
    assert set(ended(found, "Skip")) == {*STEP_NAMES, *needing} - {check}
    for secret in ("PRIVATE KEY", "secret-part", "a-token"):
        assert secret not in json.dumps(found)


def buckets(store: GcsStore) -> list[str]:
    """Return the names of the buckets of a store."""
    answer = requests.get(f"{store.endpoint}/storage/v1/b?project=tests", timeout=30)
    return [one["name"] for one in answer.json()["items"]]


def test_an_account_without_the_role_is_told_which_one(tmp_path: Path, fake_gcs: GcsStore, service: Account) -> None:
    bucket = fake_gcs.new_bucket()
    doctor(tmp_path, fake_gcs.url(bucket), command="init")
    with proxied(fake_gcs.endpoint) as proxy:
        proxy.rules = [Rule("AccessDenied", times=1000)]
        status, found = doctor(tmp_path, fake_gcs.url(bucket, endpoint=proxy.url), **credentials(service.key))
    require_one_failure(status, found, "grant its service account the role Storage Object User", "credentials")


def test_an_account_that_may_read_alone_fails_where_something_is_stored(
    tmp_path: Path, fake_gcs: GcsStore, service: Account
) -> None:
    bucket = fake_gcs.new_bucket()
    doctor(tmp_path, fake_gcs.url(bucket), command="init")
    with proxied(fake_gcs.endpoint) as proxy:
        proxy.rules = [Rule("AccessDenied", method, times=1000) for method in ("POST", "PUT", "PATCH", "DELETE")]
        status, found = doctor(tmp_path, fake_gcs.url(bucket, endpoint=proxy.url), **credentials(service.key))
    said = "grant its service account the role Storage Object User on the bucket"
    require_one_failure(status, found, said, "the policy", check="store put", needing=())


def test_a_store_that_does_not_answer_is_said_with_its_address(tmp_path: Path, fake_gcs: GcsStore) -> None:
    bucket = fake_gcs.new_bucket()
    doctor(tmp_path, fake_gcs.url(bucket), command="init")
    nowhere = f"http://127.0.0.1:{free_port()}"
    status, found = doctor(tmp_path, fake_gcs.url(bucket, endpoint=nowhere))
    require_one_failure(status, found, f"no answer from {nowhere}: Connection refused", "this machine reaches it")


def test_what_a_bucket_keeps_is_a_warning(tmp_path: Path, fake_gcs: GcsStore) -> None:
    bucket = fake_gcs.new_bucket()
    doctor(tmp_path, fake_gcs.url(bucket), command="init")
    change = {"versioning": {"enabled": True}}
    requests.patch(f"{fake_gcs.endpoint}/storage/v1/b/{bucket}", json=change, timeout=30).raise_for_status()
    status, found = doctor(tmp_path, fake_gcs.url(bucket))
    assert status == 0, found
    assert ended(found, "Warn").keys() == {"store bucket"}
    assert "--no-versioning" in found["store bucket"]["advice"]
