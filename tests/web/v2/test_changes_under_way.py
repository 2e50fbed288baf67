"""Access that changes while the body of a manifest comes: what was judged before is judged again."""

import io
import time
from collections.abc import Callable

import pytest
from werkzeug.test import TestResponse

from ocireg.metadata.audit import SYSTEM
from ocireg.oci.media_types import OCI_INDEX
from tests.auth.house import CONTAINERS, House
from tests.web.basic import basic, bearer
from tests.web.v2 import push

NAME = "acme/containers/web"


class Body(io.BytesIO):
    """An index, before whose first byte something happens."""

    def __init__(self, event: Callable[[], object]) -> None:
        super().__init__(push.index())
        self._event: Callable[[], object] | None = event

    def read(self, size: int | None = -1) -> bytes:
        """Read, after the event."""
        if self._event is not None:
            event, self._event = self._event, None
            event()
        return super().read(size)


def put(house: House, name: str, headers: dict[str, str], event: Callable[[], object]) -> TestResponse:
    """Push an index under a tag; the event happens when it was let through, and nothing of the body has come."""
    size = len(push.index())
    return house.client.put(
        f"/v2/{name}/manifests/1",
        input_stream=Body(event),
        content_length=size,
        content_type=OCI_INDEX,
        headers=headers,
    )


def shown(house: House, user: str, name: str, how: str) -> dict[str, str]:
    """Return the headers of a user who pushes."""
    headers = basic(house.token(user, lifetime=3600))
    if how == "basic":
        return headers
    answer = house.client.get("/token", query_string={"scope": f"repository:{name}:pull,push"}, headers=headers)
    return bearer(answer.get_json()["token"])


HOW = pytest.mark.parametrize("how", ["basic", "bearer"])


@HOW
def test_a_push_to_the_root_registry_ends_in_no_registry_that_is_made_meanwhile(house: House, how: str) -> None:
    name = "newcomer/goods/web"

    def event() -> None:
        house.manager.organizations.create(SYSTEM, "newcomer")
        house.manager.registries.create(SYSTEM, "newcomer/goods")

    answer = put(house, name, shown(house, "rooted", name, how), event)
    assert (answer.status_code, push.codes(answer)) == (404, ["NAME_UNKNOWN"])
    assert list(house.manager.registries.repositories("newcomer/goods")) == []


@HOW
@pytest.mark.parametrize("change", ["the user is deleted", "the level is taken away", "the level is lowered"])
def test_a_push_whose_right_is_taken_away_meanwhile_is_refused(house: House, how: str, change: str) -> None:
    events: dict[str, Callable[[], object]] = {
        "the user is deleted": lambda: house.manager.users.delete(SYSTEM, "writer"),
        "the level is taken away": lambda: house.manager.registries.withdraw(SYSTEM, CONTAINERS, "writer"),
        "the level is lowered": lambda: house.manager.registries.grant(SYSTEM, CONTAINERS, "writer", "read"),
    }
    answer = put(house, NAME, shown(house, "writer", NAME, how), events[change])
    assert answer.status_code == (403 if how == "basic" else 401)
    assert list(house.manager.registries.repositories(CONTAINERS)) == []


@HOW
def test_a_push_that_nothing_changes_goes_on_though_its_credential_expires(
    house: House, how: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    headers = shown(house, "writer", NAME, how)
    later = time.time() + 1e6

    def event() -> None:
        house.manager.organizations.rename(SYSTEM, "acme", "ACME")
        monkeypatch.setattr(time, "time", lambda: later)

    assert put(house, NAME, headers, event).status_code == 201
