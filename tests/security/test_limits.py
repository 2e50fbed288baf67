"""Limits: failed logins, requests for tokens, open uploads. Each is answered 429, says when to come again, and ends."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from ocireg.metadata.audit import SYSTEM
from tests.auth.house import PASSWORD, House
from tests.auth.house import house as built
from tests.web.basic import basic, bearer
from tests.web.v2 import push

LIMIT = 3
IMAGE = "acme/containers/web"
WRONG = "wrong wrong wrong"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    """One whose limits are low, behind a proxy that says who asks."""
    settings = {
        "login_failures": LIMIT,
        "token_requests": 8,
        "uploads_per_actor": LIMIT,
        "trusted_proxies": "127.0.0.1",
    }
    with built(tmp_path, **settings) as made:
        made.manager.users.set_password(SYSTEM, "reader", PASSWORD)
        made.manager.users.set_password(SYSTEM, "writer", PASSWORD)
        yield made


def asked(house: House, address: str, name: str, secret: str, path: str = "/v2/") -> TestResponse:
    """Ask from an address, by Basic."""
    return house.client.get(path, headers={**basic(secret, name), "X-Forwarded-For": address})


def wait(answer: TestResponse) -> int:
    """Return the seconds that one is told to wait."""
    assert answer.status_code == 429
    assert push.codes(answer) == ["TOOMANYREQUESTS"]
    return int(answer.headers["Retry-After"])


@pytest.mark.parametrize("path", ["/v2/", "/token"])
def test_an_address_that_fails_too_often_waits_whatever_it_shows_next(house: House, path: str) -> None:
    for number in range(LIMIT):
        assert asked(house, "192.0.2.1", f"user-{number}", WRONG, path).status_code == 401
    for secret in (PASSWORD, WRONG, "ocireg_" + "0" * 48):
        assert 1 <= wait(asked(house, "192.0.2.1", "reader", secret, path)) <= 66
    assert asked(house, "192.0.2.2", "reader", PASSWORD, path).status_code == 200


def test_the_two_ways_to_log_in_count_together(house: House) -> None:
    form = {"grant_type": "password", "username": "reader", "password": WRONG}
    headers = {"X-Forwarded-For": "192.0.2.1"}
    assert asked(house, "192.0.2.1", "reader", WRONG).status_code == 401
    assert asked(house, "192.0.2.1", "reader", WRONG, "/token").status_code == 401
    assert house.client.post("/token", data=form, headers=headers).status_code == 401
    wait(asked(house, "192.0.2.1", "reader", PASSWORD))
    wait(house.client.post("/token", data=form, headers=headers))


def test_an_account_that_is_guessed_at_from_many_addresses_stays_open_to_its_owner(house: House) -> None:
    for number in range(LIMIT):
        assert asked(house, f"198.51.100.{number}", "reader", WRONG).status_code == 401
    wait(asked(house, "198.51.100.0", "reader", PASSWORD))
    assert asked(house, "198.51.100.0", "writer", PASSWORD).status_code == 200
    assert asked(house, "192.0.2.1", "reader", PASSWORD).status_code == 200


def test_an_ipv6_network_is_one_client(house: House) -> None:
    for number in range(LIMIT):
        asked(house, f"2001:db8::{number}", f"user-{number}", WRONG)
    wait(asked(house, "2001:db8::ffff", "reader", PASSWORD))
    assert asked(house, "2001:db8:0:1::1", "reader", PASSWORD).status_code == 200


def test_an_address_cannot_be_invented_where_the_proxy_is_not_trusted(tmp_path: Path) -> None:
    with built(tmp_path, login_failures=LIMIT) as house:
        for number in range(LIMIT):
            asked(house, f"192.0.2.{number}", f"user-{number}", WRONG)
        wait(asked(house, "192.0.2.99", "reader", WRONG))


def test_a_token_of_ours_works_on_from_an_address_that_waits(house: House) -> None:
    for number in range(LIMIT):
        asked(house, "192.0.2.1", f"user-{number}", WRONG)
    assert asked(house, "192.0.2.1", "x", house.token("reader")).status_code == 200


def test_requests_for_tokens_are_limited_for_each_address_and_not_for_all(house: House) -> None:
    secret = house.token("reader")
    for _ in range(8):
        assert asked(house, "192.0.2.1", "x", secret, "/token").status_code == 200
    assert wait(asked(house, "192.0.2.1", "x", secret, "/token")) >= 1
    wait(house.client.post("/token", data={}, headers={"X-Forwarded-For": "192.0.2.1"}))
    assert asked(house, "192.0.2.2", "x", secret, "/token").status_code == 200
    assert asked(house, "192.0.2.1", "x", secret).status_code == 200, "the protocol itself goes on"


def files(house: House) -> int:
    """Return how many files the store has."""
    return sum(1 for one in (house.settings.data / "storage").rglob("*") if one.is_file())


def test_one_actor_has_so_many_uploads_open_and_further_ones_leave_nothing(house: House) -> None:
    path, secret = f"/v2/{IMAGE}/blobs/uploads/", house.token("writer")
    begun = [house.client.post(path, headers=basic(secret)) for _ in range(LIMIT)]
    assert {one.status_code for one in begun} == {202}
    before = files(house)
    query = {"scope": f"repository:{IMAGE}:push"}
    token = house.client.get("/token", query_string=query, headers=basic(secret)).get_json()["token"]
    for shown in (basic(secret), basic(house.token("writer")), basic(PASSWORD, "writer"), bearer(token)):
        for query in ({}, {"digest": "sha256:" + "0" * 64}, {"mount": "sha256:" + "0" * 64, "from": "x"}):
            assert wait(house.client.post(path, query_string=query, headers=shown, data=b"")) >= 1
    assert files(house) == before
    other = house.client.post(path, headers=basic(house.token("keeper")))
    assert other.status_code == 202, "each actor counts alone"
    assert house.client.delete(begun[0].headers["Location"], headers=basic(secret)).status_code == 204
    assert house.client.post(path, headers=basic(secret)).status_code == 202


def test_a_push_that_ends_gives_its_place_back(house: House) -> None:
    client = house.client
    client.environ_base["HTTP_AUTHORIZATION"] = basic(house.token("writer"))["Authorization"]
    for number in range(LIMIT * 2):
        push.blob(client, IMAGE, f"layer {number}".encode())
