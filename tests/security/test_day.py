"""The day of an attacker, who has what an outsider can have: each thing that is tried is refused, and tells nothing."""

import time
from collections.abc import Callable

import jwt
import pytest
from werkzeug.test import TestResponse

from ocireg.auth.signing import Access, Signer
from ocireg.metadata.audit import SYSTEM
from ocireg.oci.digest import Digest
from ocireg.oci.media_types import OCI_MANIFEST
from tests.auth.oidc.issuer import compact, issuer, private_key, public_jwk
from tests.security.world import OTHER, PASSWORD, PRIVATE, PUBLIC, TAG, URL, Held, World, basic, everything

HELD = Held.of(PRIVATE)
LAYER = Digest.of(HELD.layer)
AUDIENCE = f"{URL}/acme/private"
TRIED = [
    ("GET", f"/v2/{PRIVATE}/manifests/{TAG}"),
    ("HEAD", f"/v2/{PRIVATE}/manifests/{TAG}"),
    ("PUT", f"/v2/{PRIVATE}/manifests/{TAG}"),
    ("DELETE", f"/v2/{PRIVATE}/manifests/{TAG}"),
    ("GET", f"/v2/{PRIVATE}/blobs/{LAYER}"),
    ("DELETE", f"/v2/{PRIVATE}/blobs/{LAYER}"),
    ("GET", f"/v2/{PRIVATE}/tags/list"),
    ("GET", f"/v2/{PRIVATE}/referrers/{Digest.of(HELD.image)}"),
    ("POST", f"/v2/{PRIVATE}/blobs/uploads/"),
    ("POST", f"/v2/{PRIVATE}/blobs/uploads/?mount={LAYER}&from={PUBLIC}"),
]


def tells_nothing(answer: TestResponse, path: str) -> None:
    """Check that an answer holds nothing of the hidden repository that the request did not have."""
    said = str(answer.headers) + answer.get_data(as_text=True)
    assert [one for one in (*HELD.digests, TAG, PASSWORD) if one in said and one not in path] == []


def is_refused(world: World, shown: str, statuses: frozenset[int] = frozenset({401})) -> None:
    """Check that nothing can be done with what is shown, and that nothing was."""
    for method, path in TRIED:
        answer = world.ask(method, path, shown, data=b"{}", content_type=OCI_MANIFEST)
        assert answer.status_code in statuses, (method, path, answer.status_code)
        tells_nothing(answer, path)
    answer = world.ask("GET", "/v2/_catalog", shown)
    assert answer.status_code in {200, 401}
    assert PRIVATE not in answer.get_data(as_text=True)
    tag = world.ask("GET", f"/v2/{PRIVATE}/manifests/{TAG}", world.secrets["reader"])
    assert tag.get_data() == HELD.image


def is_no_login(world: World, shown: str) -> None:
    """Check that it lets nobody in, at the token end-point neither."""
    is_refused(world, shown)
    answer = world.ask("GET", "/token", shown, query_string={"scope": everything([PRIVATE])})
    assert answer.status_code == 401
    assert set(answer.get_json()) == {"errors"}


def test_a_token_of_another_organization(world: World) -> None:
    secret = world.manager.tokens.create(SYSTEM, "stranger", scopes=["read_packages", "write_packages"]).secret
    is_refused(world, basic("stranger", secret), frozenset({403}))
    is_refused(world, basic("owner", secret), frozenset({403}))  # the name is not believed
    is_refused(world, world.token(basic("x", secret), everything([PRIVATE])))


def test_a_token_of_a_deleted_user(world: World) -> None:
    is_no_login(world, world.secrets["token of a deleted user"])
    is_no_login(world, world.secrets["deleted user"])
    is_refused(world, world.bearers["token of a deleted user"])
    is_refused(world, world.bearers["deleted user"])


def test_a_user_of_the_same_name_is_another_user(world: World) -> None:
    world.manager.users.create(SYSTEM, "again", password=PASSWORD)
    world.manager.registries.grant(SYSTEM, "acme/private", "again", "write")
    bearer = world.token(basic("again", PASSWORD), everything([PRIVATE]))
    assert world.ask("GET", f"/v2/{PRIVATE}/tags/list", bearer).status_code == 200
    world.manager.users.delete(SYSTEM, "again")
    world.manager.users.create(SYSTEM, "again", password=PASSWORD)
    is_refused(world, bearer)
    is_refused(world, basic("again", PASSWORD), frozenset({403}))


@pytest.mark.parametrize("who", ["writer", "OIDC", "registry token", "temporary token"])
@pytest.mark.parametrize("cut", [1, 2, 20, 0.5])
def test_an_access_token_that_is_truncated(world: World, who: str, cut: float) -> None:
    whole = world.bearers[who]
    kept = len(whole) - cut if cut >= 1 else len(whole) * cut
    is_refused(world, whole[: int(kept)])


def test_secrets_that_are_truncated_or_prolonged(world: World) -> None:
    made = world.manager.tokens.create(SYSTEM, "writer", scopes=["read_packages"]).secret
    of_registry = world.manager.tokens.create_for_registry(SYSTEM, "acme/private").secret
    for secret in (made, of_registry, PASSWORD, world.temporary("writer"), world.issuer.token(aud=AUDIENCE)):
        assert world.ask("GET", f"/v2/{PRIVATE}/tags/list", basic("writer", secret)).status_code == 200
        for changed in (secret[:-1], secret[1:], secret + "x", secret.swapcase()):
            is_no_login(world, basic("writer", changed))


@pytest.mark.parametrize("key", ["", "x" * 64])
def test_a_token_that_is_signed_again_with_another_key(world: World, key: str) -> None:
    admin = world.installed.access.gate.log_in("admin", PASSWORD, "127.0.0.1", "").reference
    everywhere = {PRIVATE: frozenset({"pull", "push", "delete"})}
    signer = Signer([key])
    for reference in (admin, ("temporary", admin, 1, time.time() + 300), ("anonymous",)):
        is_refused(world, "Bearer " + signer.access(Access(reference, everywhere, catalog=True), time.time() + 300))
        temporary = "ocireg_temporary_" + signer.temporary(reference, time.time() + 300)
        is_no_login(world, basic("x", temporary))
        form = {"grant_type": "refresh_token", "refresh_token": signer.refresh(reference, time.time() + 300)}
        assert world.ask("POST", "/token", data=form).status_code == 401


def forged(world: World) -> dict[str, Callable[[], str]]:
    """Return ways to forge a JWT, by name."""
    claims = world.issuer.claims(aud=AUDIENCE)
    published = world.issuer.published["one"]
    foreign = private_key("RS256", 7)
    return {
        "alg none": lambda: compact({"alg": "none", "typ": "JWT"}, claims),
        "alg none with a kid": lambda: compact({"alg": "None", "kid": "one"}, claims),
        "no signature": lambda: world.issuer.token(aud=AUDIENCE).rpartition(".")[0] + ".",
        "the public key as a secret": lambda: jwt.encode(
            claims, published["n"], "HS256", headers={"kid": "one", "typ": "JWT"}
        ),
        "kid of another key": lambda: world.issuer.token(aud=AUDIENCE, key=foreign),
        "kid of no key": lambda: world.issuer.token(aud=AUDIENCE, kid="../../dev/null"),
        "kid of a key that the token brings": lambda: jwt.encode(
            claims, foreign, "RS256", headers={"kid": "one", "jwk": public_jwk(foreign, "one")}
        ),
        "expired": lambda: world.issuer.token(aud=AUDIENCE, exp=int(time.time()) - 120, iat=int(time.time()) - 400),
        "of a branch that the policy does not let in": lambda: world.issuer.token(aud=AUDIENCE, ref="evil"),
    }


FORGERIES = [
    "alg none",
    "alg none with a kid",
    "no signature",
    "the public key as a secret",
    "kid of another key",
    "kid of no key",
    "kid of a key that the token brings",
    "expired",
    "of a branch that the policy does not let in",
]


@pytest.mark.filterwarnings("ignore::jwt.warnings.InsecureKeyLengthWarning")
@pytest.mark.parametrize("how", FORGERIES)
def test_a_jwt_that_is_forged(world: World, how: str) -> None:
    made = forged(world)
    assert sorted(made) == sorted(FORGERIES)
    is_no_login(world, basic("x", made[how]()))
    is_refused(world, f"Bearer {made[how]()}")


def test_a_jwt_of_another_issuer_that_says_the_same(world: World) -> None:
    with issuer() as evil:
        is_no_login(world, basic("x", evil.token(aud=AUDIENCE)))
        of_evil = private_key("RS256", 3)
        is_no_login(world, basic("x", evil.token(aud=AUDIENCE, iss=world.issuer.url, key=of_evil)))
        assert evil.requests == []


def test_a_jwt_that_is_replayed_at_another_registry(world: World) -> None:
    world.manager.registries.set_policy(
        SYSTEM, "evil/private", f"- iss: {world.issuer.url}\n  claims: {{ref: {{matches: '*'}}}}\n"
    )
    stolen = world.issuer.token(aud=f"{URL}/evil/private")  # a job of ours was made to ask for this one
    assert world.ask("GET", f"/v2/{OTHER}/tags/list", basic("x", stolen)).status_code == 200
    is_refused(world, basic("x", stolen), frozenset({403}))
    is_refused(world, world.token(basic("x", stolen), everything([PRIVATE])))
    for aud in (f"{URL}/acme/private/", f"{URL}/acme", URL, "https://evil.example/acme/private", [AUDIENCE, URL], None):
        is_no_login(world, basic("x", world.issuer.token(aud=aud)))
    world.manager.registries.set_policy(SYSTEM, "evil/private", "")
    is_no_login(world, basic("x", stolen))


def test_a_registry_token_that_is_shown_at_another_registry(world: World) -> None:
    is_refused(world, world.secrets["registry token of another"], frozenset({403}))
    is_refused(world, world.bearers["registry token of another"])


def test_an_access_token_is_for_the_repositories_and_actions_that_it_names(world: World) -> None:
    login = world.secrets["writer"]
    is_refused(world, world.token(login, [f"repository:{PUBLIC}:pull,push,delete"]))
    is_refused(world, world.token(login, []))
    reading = world.token(login, [f"repository:{PRIVATE}:pull"])
    for method, path in TRIED:
        status = world.ask(method, path, reading, data=b"{}", content_type=OCI_MANIFEST).status_code
        assert status == (200 if method in {"GET", "HEAD"} else 401), (method, path)


@pytest.mark.parametrize("method", ["GET", "PATCH", "PUT", "DELETE"])
def test_an_upload_session_of_another_repository(world: World, method: str) -> None:
    begun = world.begin(PRIVATE, world.secrets["writer"])
    session = begun.rpartition("/")[2]
    for who, name in (("stranger", OTHER), ("organization admin", PUBLIC), ("instance admin", PUBLIC)):
        path = f"/v2/{name}/blobs/uploads/{session}?digest={LAYER}"
        answer = world.ask(method, path, world.secrets[who], data=HELD.layer)
        assert answer.status_code == 404
        assert answer.get_json()["errors"][0]["code"] == "BLOB_UPLOAD_UNKNOWN"
    assert world.ask("GET", begun, world.secrets["writer"]).headers["Range"] == "0-0"


@pytest.mark.parametrize(
    "query", [f"mount={LAYER}&from={PRIVATE}", f"mount={LAYER}", f"mount={LAYER}&from=../{PRIVATE}"]
)
def test_a_mount_from_a_repository_that_cannot_be_read(world: World, query: str) -> None:
    for shown in (world.secrets["stranger"], world.token(world.secrets["stranger"], everything([OTHER, PRIVATE]))):
        path = f"/v2/{OTHER}/blobs/uploads/?{query}"
        answer = world.ask("POST", path, shown)
        assert answer.status_code == 202
        tells_nothing(answer, path)
        assert world.ask("HEAD", f"/v2/{OTHER}/blobs/{LAYER}", shown).status_code == 404


def test_a_manifest_that_names_a_blob_of_a_repository_that_cannot_be_read(world: World) -> None:
    path = f"/v2/{OTHER}/manifests/stolen"
    answer = world.ask("PUT", path, world.secrets["stranger"], data=HELD.image, content_type=OCI_MANIFEST)
    assert answer.status_code == 400
    assert {one["code"] for one in answer.get_json()["errors"]} == {"MANIFEST_BLOB_UNKNOWN"}


@pytest.mark.parametrize(
    ("who", "asked", "granted"),
    [
        ("reader", f"repository:{PRIVATE}:pull,push,delete", {PRIVATE: {"pull"}}),
        ("reader", f"repository:{PRIVATE}:*", {PRIVATE: {"pull"}}),
        ("registry token", f"repository:{PRIVATE}:*", {PRIVATE: {"pull"}}),
        ("registry token", f"repository:{OTHER}:pull", {}),
        ("OIDC", f"repository:{PRIVATE}:pull,push,delete", {PRIVATE: {"pull", "push"}}),
        ("OIDC", f"repository:{OTHER}:pull", {}),
        ("token read_packages", f"repository:{PRIVATE}:pull,push,delete", {PRIVATE: {"pull"}}),
        ("temporary token", f"repository:{PRIVATE}:*", {PRIVATE: {"pull"}}),
        ("stranger", f"repository:{PRIVATE}:pull", {}),
        ("stranger", f"repository(plugin):{PRIVATE}:pull", {}),
        ("stranger", f"repository:{OTHER}:pull repository:{PRIVATE}:pull", {OTHER: {"pull"}}),
        ("stranger", f"repository:{OTHER}/../../../{PRIVATE}:pull", {}),
        ("nobody", f"repository:{PUBLIC}:pull,push,delete", {PUBLIC: {"pull"}}),
        ("nobody", f"repository:{PRIVATE}:pull", {}),
    ],
)
def test_a_scope_that_is_widened_at_the_exchange(
    world: World, who: str, asked: str, granted: dict[str, set[str]]
) -> None:
    token = world.token(world.secrets[who], [asked]).removeprefix("Bearer ")
    found = world.installed.access.roster.now().signer.read_access(token)
    assert found is not None
    assert found.granted == granted


def test_a_scope_that_is_widened_with_a_refresh_token(world: World) -> None:
    query = {"scope": f"repository:{PRIVATE}:pull", "offline_token": "true"}
    kept = world.ask("GET", "/token", world.secrets["reader"], query_string=query).get_json()["refresh_token"]
    form = {
        "grant_type": "refresh_token",
        "refresh_token": kept,
        "scope": f"repository:{PRIVATE}:pull,push repository:{OTHER}:pull",
    }
    answer = world.ask("POST", "/token", data=form)
    assert answer.get_json()["scope"] == f"repository:{PRIVATE}:pull"
    is_refused(world, f"Bearer {kept}")
    is_no_login(world, basic("reader", kept))
