"""Every secret shown as every other kind: only what it is opens a door."""

import base64
import json
import time
from collections.abc import Iterator

import pytest
from itsdangerous import URLSafeSerializer

from ocireg.auth import desk, identities, keys
from ocireg.auth.signing import Access, Signer
from ocireg.metadata.audit import SYSTEM
from ocireg.oci.scope import Scope
from tests.auth.house import CONTAINERS, PASSWORD, House
from tests.auth.house import house as built
from tests.web.basic import basic, bearer
from tests.web.v2 import push

IMAGE = "acme/containers/web"
SCOPE = f"repository:{IMAGE}:pull"
OLD, NOW, OTHER = "o" * 32, "n" * 32, "x" * 32
KINDS = ("password", "API token", "registry token", "temporary token", "access token", "refresh token", "JWT")
OURS = {"password", "API token", "registry token", "temporary token"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """One for all, with an image in ``acme/containers``."""
    settings = {"secret_key": f"{OLD},{NOW}", "login_failures": 100_000, "token_requests": 100_000}
    with built(tmp_path_factory.mktemp("house"), **settings) as made:
        client = made.client
        client.environ_base["HTTP_AUTHORIZATION"] = basic(made.token("admin"))["Authorization"]
        push.manifest(client, IMAGE, "1")
        made.manager.users.set_password(SYSTEM, "reader", PASSWORD)
        yield made


def jwt() -> str:
    """Return a token that says it is the reader's, and that nobody signed."""
    header = {"alg": "none", "typ": "JWT"}
    claims = {"iss": "https://agent.buildkite.com", "sub": "reader", "aud": "http://localhost", "exp": time.time() + 99}
    parts = (base64.urlsafe_b64encode(json.dumps(one).encode()).rstrip(b"=").decode() for one in (header, claims))
    return ".".join([*parts, "c2ln"])


def secret_of(house: House, kind: str) -> str:
    """Return a secret that is good for what it is."""
    if kind in {"password", "JWT"}:
        return PASSWORD if kind == "password" else jwt()
    if kind == "registry token":
        return house.registry_token()
    login = house.log_in(house.token("reader"))
    if kind == "temporary token":
        return desk.temporary(house.view, login, house.id_of(CONTAINERS))
    issued = desk.issue(house.view, house.settings, login, desk_scopes(), offline=True)
    found = {"API token": house.token("reader"), "access token": issued.token, "refresh token": issued.refresh_token}
    return found[kind] or ""


def desk_scopes() -> list[Scope]:
    """Return what an access token is asked for."""
    return [Scope("repository", IMAGE, frozenset({"pull"}))]


def opened(house: House, secret: str) -> set[str]:
    """Return the doors that a secret opens."""
    client, path = house.client, f"/v2/{IMAGE}/manifests/1"
    form = {"scope": SCOPE, "username": "reader"}
    answers = {
        "Basic": client.get(path, headers=basic(secret, "reader")),
        "Bearer": client.get(path, headers=bearer(secret)),
        "GET /token": client.get("/token", query_string={"scope": SCOPE}, headers=basic(secret, "reader")),
        "POST /token": client.post("/token", data={**form, "grant_type": "password", "password": secret}),
        "refresh": client.post("/token", data={**form, "grant_type": "refresh_token", "refresh_token": secret}),
    }
    assert {one.status_code for one in answers.values()} <= {200, 401}
    for one in answers.values():
        assert secret.encode() not in one.data.replace(b'"refresh_token":"' + secret.encode(), b"")
    return {name for name, answer in answers.items() if answer.status_code == 200}


@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_opens_the_doors_of_its_kind_and_no_other(house: House, kind: str) -> None:
    doors = {"access token": {"Bearer"}, "refresh token": {"refresh"}, "JWT": set[str]()}
    by_login = {"Basic", "GET /token", "POST /token"}
    assert opened(house, secret_of(house, kind)) == doors.get(kind, by_login if kind in OURS else set())


@pytest.mark.parametrize("prefix", ["ocireg_", "ocireg_registry_", "ocireg_temporary_"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_secret_with_the_prefix_of_another_kind_opens_nothing(house: House, kind: str, prefix: str) -> None:
    secret = secret_of(house, kind)
    bare = secret.rpartition("_")[2] if secret.startswith("ocireg_") and kind != "temporary token" else secret
    bare = secret.removeprefix("ocireg_temporary_") if kind == "temporary token" else bare
    if prefix + bare != secret:
        assert opened(house, prefix + bare) == set()


@pytest.mark.parametrize("kind", KINDS[1:])
def test_a_secret_that_was_cut_or_changed_opens_nothing(house: House, kind: str) -> None:
    secret = secret_of(house, kind)
    middle = len(secret) // 2
    changed = "A" if secret[middle] != "A" else "B"
    for one in (secret[:-2], secret[2:], secret[:middle], secret[:middle] + changed + secret[middle + 1 :], secret * 2):
        assert opened(house, one) == set(), one


SIGNED = ("access token", "refresh token", "temporary token")


def signed(house: House, keys: list[str], kind: str, lives: float = 600.0) -> str:
    """Return a token of ours, signed by whoever has those keys."""
    signer, until = Signer(keys), time.time() + lives
    reference = house.log_in(house.token("reader")).reference
    if kind == "access token":
        return signer.access(Access(reference, {IMAGE: frozenset({"pull"})}, catalog=False), until)
    if kind == "refresh token":
        return signer.refresh(reference, until)
    reached = identities.of_temporary(reference, house.id_of(CONTAINERS), until)
    return f"ocireg_temporary_{signer.temporary(reached, until)}"


@pytest.mark.parametrize("kind", SIGNED)
def test_a_token_of_a_key_that_is_still_known_is_good_and_of_any_other_is_not(house: House, kind: str) -> None:
    assert opened(house, signed(house, [OLD, NOW], kind))
    assert opened(house, signed(house, [OLD], kind)), "it was signed before the key changed"
    for unknown in ([OTHER], [OLD, OTHER], ["n" * 33]):
        assert opened(house, signed(house, unknown, kind)) == set()


@pytest.mark.parametrize("kind", SIGNED)
def test_a_token_that_has_expired_opens_nothing(house: House, kind: str) -> None:
    assert opened(house, signed(house, [NOW], kind, lives=-1)) == set()


@pytest.mark.parametrize("salt", ["itsdangerous", "ocireg access token", "cookie-session", ""])
def test_whoever_has_no_key_makes_no_token(house: House, salt: str) -> None:
    body = {"r": ["user", house.manager.users.get("admin").id, ""], "g": {IMAGE: "pull"}, "c": True, "e": 2**40}
    for key in ("", "secret", OTHER):
        assert opened(house, str(URLSafeSerializer(key, salt=salt).dumps(body))) == set()


@pytest.mark.parametrize("kind", SIGNED)
def test_a_rotation_of_keys_ends_the_tokens_of_the_one_that_goes(
    tmp_path_factory: pytest.TempPathFactory, kind: str
) -> None:
    with built(tmp_path_factory.mktemp("house")) as house:
        push_as_admin(house)
        secret = signed(house, list(keys.load(house.settings)), kind)
        for known in (True, True, False):
            assert bool(opened(house, secret)) is known
            keys.rotate(house.settings)
            house.manager.users.create(SYSTEM, f"somebody-{time.monotonic_ns()}")  # keys are read when access changes


def push_as_admin(house: House) -> None:
    """Push the image."""
    client = house.client
    client.environ_base["HTTP_AUTHORIZATION"] = basic(house.token("admin"))["Authorization"]
    push.manifest(client, IMAGE, "1")


def test_a_scope_cannot_be_widened_where_a_token_is_changed_for_another(house: House) -> None:
    """What is asked for at each step is granted as far as the first credential reaches, however it is asked."""
    secret = house.token("admin", ["read_packages"])
    wide = f"repository:{IMAGE}:* registry:catalog:*"
    query = {"scope": wide, "offline_token": "true"}
    first = house.client.get("/token", query_string=query, headers=basic(secret)).get_json()
    data = {"grant_type": "refresh_token", "refresh_token": first["refresh_token"], "scope": wide}
    second = house.client.post("/token", data=data).get_json()
    assert second["scope"] == f"repository:{IMAGE}:pull registry:catalog:*"
    for token in (first["token"], second["access_token"]):
        for method in ("PUT", "DELETE"):
            answer = house.client.open(f"/v2/{IMAGE}/manifests/1", method=method, headers=bearer(token))
            assert answer.status_code == 401
