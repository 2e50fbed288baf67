"""JWTs at the door: what strangers can make this service do by them."""

import base64
import json
import time
from pathlib import Path

import pytest

from ocireg.auth import exchange, identities, policy
from ocireg.auth.login import Refused, resume
from ocireg.auth.policy import Policy
from ocireg.auth.scopes import PACKAGES
from ocireg.config.issuers import Issuers
from ocireg.metadata.audit import SYSTEM
from tests.auth.house import CONTAINERS, house, opened

URL = "https://registry.example.com"
ISSUER = "https://token.actions.githubusercontent.com"


def jwt() -> str:
    """Return a token that names a registry, and that nobody signed."""
    claims = {"iss": ISSUER, "sub": "x", "aud": f"{URL}/{CONTAINERS}", "iat": 1, "exp": 2}
    parts = (base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode() for one in ({"alg": "x"}, claims))
    return ".".join([*parts, "c2ln"])


@pytest.mark.parametrize(("issuers", "reason"), [("github", "expired"), ("gitlab", "cannot be used")])
def test_a_policy_is_read_once_even_where_its_issuer_is_not_allowed_any_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, issuers: str, reason: str
) -> None:
    with house(tmp_path, url=URL) as made:
        made.manager.registries.set_policy(SYSTEM, CONTAINERS, f"- {{iss: {ISSUER}, claims: {{a: b}}}}\n")
    read: list[str] = []

    def parse(text: str, allowed: Issuers) -> Policy:
        read.append(text)
        return policy.parse(text, allowed)

    monkeypatch.setattr(exchange, "parse", parse)
    with opened(tmp_path, url=URL, oidc_issuers=issuers) as again:
        for _ in range(3):
            with pytest.raises(Refused, match=reason):
                again.log_in(jwt())
    assert len(read) == 1


@pytest.mark.parametrize(("issuers", "goes_on"), [("github", True), ("gitlab", False)])
def test_a_session_ends_with_the_start_that_allows_its_issuer_no_more(
    tmp_path: Path, issuers: str, goes_on: bool
) -> None:
    with house(tmp_path, url=URL) as made:
        made.manager.registries.set_policy(SYSTEM, CONTAINERS, f"- {{iss: {ISSUER}, claims: {{a: b}}}}\n")
        at = made.manager.registries.get(CONTAINERS)
        until = time.time() + 3600
        reference = identities.of_oidc(at.id, at.policy_id, ISSUER, "job", PACKAGES, until)
        issued = made.gate.issue(resume(made.view, reference, None), [], offline=True)
        assert issued.refresh_token
    with opened(tmp_path, url=URL, oidc_issuers=issuers) as again:
        bearer = {"Authorization": f"Bearer {issued.token}", "Host": "registry.example.com"}
        form = {"grant_type": "refresh_token", "refresh_token": issued.refresh_token}
        answers = (again.client.get("/v2/", headers=bearer), again.client.post("/token", data=form))
        assert [one.status_code for one in answers] == [200 if goes_on else 401] * 2
