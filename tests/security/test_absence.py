"""What is hidden is answered as what is not there: the same words, after the same work."""

import base64
import re
import statistics
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from werkzeug.test import TestResponse

from ocireg.metadata.audit import SYSTEM
from ocireg.oci.digest import Digest
from ocireg.oci.media_types import OCI_MANIFEST
from ocireg.web.v2.uploads import HOLDERS
from tests.auth.oidc.issuer import issuer
from tests.security.callers import CALLERS, MAY, shown
from tests.security.statements import statements
from tests.security.world import ANYONE, OTHER, PRIVATE, ROOT, TAG, Held, World, basic, everything
from tests.security.world import world as world_of
from tests.web.v2 import push

HELD = Held.of(PRIVATE)
LAYER, IMAGE = Digest.of(HELD.layer), Digest.of(HELD.image)
NOT_OF_THE_REGISTRY, NO_REGISTRY, NO_ORGANIZATION = "acme/private/non", "acme/nothing/app", "nada/private/app"
NAMES = (PRIVATE, NOT_OF_THE_REGISTRY, NO_REGISTRY, NO_ORGANIZATION)
"""The first is there, and hidden; none of the others is. All are of one length, so that even sizes compare."""
OUTSIDERS = [(who, how) for who, how in CALLERS if MAY[who] is not None and not (MAY[who] or ("x",))[0]]
PROBES = [
    ("GET", f"/manifests/{TAG}", True),
    ("GET", f"/manifests/{IMAGE}", False),
    ("HEAD", f"/manifests/{IMAGE}", False),
    ("PUT", f"/manifests/{TAG}", True),
    ("DELETE", f"/manifests/{TAG}", True),
    ("DELETE", f"/manifests/{IMAGE}", False),
    ("GET", f"/blobs/{LAYER}", True),
    ("HEAD", f"/blobs/{LAYER}", False),
    ("DELETE", f"/blobs/{LAYER}", True),
    ("GET", "/tags/list", True),
    ("GET", "/tags/list?n=1", False),
    ("GET", f"/referrers/{IMAGE}", True),
    ("POST", "/blobs/uploads/", True),
    ("POST", f"/blobs/uploads/?digest={LAYER}", False),
    ("POST", f"/blobs/uploads/?mount={LAYER}&from={PRIVATE}", False),
    ("GET", "/blobs/uploads/SESSION", False),
    ("PATCH", "/blobs/uploads/SESSION", True),
    ("PUT", f"/blobs/uploads/SESSION?digest={LAYER}", False),
    ("DELETE", "/blobs/uploads/SESSION", False),
]
"""Requests; the last says whether they are asked for cold too, when this process knows nothing of access."""


def said(answer: TestResponse, name: str) -> tuple[int, list[tuple[str, str]], str]:
    """Return all that an answer says, but for the name that was asked for and the identifiers of new sessions."""

    def plain(text: str) -> str:
        return re.sub(r"\b[0-9a-f]{32}\b", "SESSION", text.replace(name, "NAME"))

    headers = sorted((one, plain(value)) for one, value in answer.headers)
    return answer.status_code, headers, plain(answer.get_data(as_text=True))


@pytest.fixture(scope="module", params=["private", "public"])
def root(world: World, request: pytest.FixtureRequest) -> Iterator[str]:
    """The root registry as it may be: what nobody claims is its."""
    world.manager.registries.change(SYSTEM, "root", visibility=request.param)
    yield request.param
    world.manager.registries.change(SYSTEM, "root", visibility="private")


@pytest.fixture(scope="module")
def session(world: World) -> str:
    """An upload of somebody's in the hidden repository."""
    return world.begin(PRIVATE, world.secrets["instance admin"]).rpartition("/")[2]


def authorization(world: World, who: str, how: str) -> str:
    """Return what somebody shows: an access token is for all names alike."""
    if how != "Bearer":
        return shown(world, who, how)
    return world.token(shown(world, who, "Basic"), everything(NAMES))


def compared(who: str, *, pushes: bool) -> tuple[str, ...]:
    """Return the names that are alike to somebody. What nobody claims is the root registry's to be pushed to."""
    return NAMES[:3] if pushes and "w" in (MAY[who] or [""] * 3)[2] else NAMES


@pytest.mark.parametrize(("who", "how"), OUTSIDERS)
def test_hidden_and_absent_are_answered_alike_after_the_same_work(
    world: World, root: str, session: str, who: str, how: str
) -> None:
    assert root
    credential = authorization(world, who, how)
    for method, form, cold_too in PROBES:
        for cold in (False, True) if cold_too else (False,):
            found = []
            for name in compared(who, pushes="uploads" in form or method == "PUT"):
                path = f"/v2/{name}{form.replace('SESSION', session)}"
                sent = {"data": HELD.image, "content_type": OCI_MANIFEST} if method in {"PUT", "PATCH", "POST"} else {}
                if cold:
                    world.forget()
                else:
                    world.ask(method, path, credential, **sent)
                with statements() as asked:
                    answer = world.ask(method, path, credential, **sent)
                found.append((said(answer, name), asked))
                assert answer.status_code in {200, 401, 403, 404}
                text = str(answer.headers) + answer.get_data(as_text=True)
                assert not [one for one in HELD.digests if one in text and one not in path], text
            assert all(one == found[0] for one in found), (method, form, cold, found)


def test_whoever_may_push_to_the_root_learns_that_a_name_is_claimed_and_no_more(world: World, session: str) -> None:
    credential = world.secrets["writer of the root"]
    for method, path in (("POST", "/blobs/uploads/"), ("GET", f"/blobs/uploads/{session}")):
        claimed = [said(world.ask(method, f"/v2/{name}{path}", credential), name) for name in NAMES[:3]]
        assert claimed[0][0] == 404
        assert claimed[0] == claimed[1] == claimed[2]


def granted(world: World, answer: TestResponse, name: str) -> object:
    """Return all that the token end-point says, the content of the token included; times are the clock's."""
    body = answer.get_json()
    token = world.installed.access.roster.now().signer.read_access(body["access_token"])
    assert token is not None
    inside = {one.replace(name, "NAME"): actions for one, actions in token.granted.items()}
    fields = sorted(set(body) - {"issued_at", "expires_in"})
    return token.reference, inside, token.catalog, fields, body.get("scope", "").replace(name, "NAME")


@pytest.mark.parametrize("who", sorted({who for who, _ in OUTSIDERS} - {"nobody"}))
def test_the_token_end_point_grants_alike_what_is_hidden_and_what_is_absent(world: World, root: str, who: str) -> None:
    assert root
    user, _, secret = base64.b64decode(world.secrets[who].removeprefix("Basic ")).decode().partition(":")
    for actions in ("pull", "pull,push", "delete", "*"):
        for cold in (False, True):
            found = []
            for name in compared(who, pushes=actions != "pull"):
                scope = f"repository:{name}:{actions}"
                form = {"grant_type": "password", "username": user, "password": secret, "scope": scope}
                if cold:
                    world.forget()
                else:
                    world.ask("POST", "/token", data=form)
                with statements() as asked:
                    answers = [
                        world.ask("POST", "/token", data=form),
                        world.ask("GET", "/token", world.secrets[who], query_string={"scope": scope}),
                    ]
                found.append(([granted(world, one, name) for one in answers], asked))
            assert all(one == found[0] for one in found), (actions, cold, found)


def test_nobody_is_granted_alike_what_is_hidden_and_what_is_absent(world: World, root: str) -> None:
    assert root
    for cold in (False, True):
        found = []
        for name in NAMES:
            query = {"scope": f"repository:{name}:pull,push"}
            world.ask("GET", "/token", query_string=query)
            if cold:
                world.forget()
            with statements() as asked:
                answer = world.ask("GET", "/token", query_string=query)
            found.append((granted(world, answer, name), asked))
        assert all(one == found[0] for one in found), found


@pytest.mark.parametrize(("who", "own"), [("stranger", OTHER), ("writer of the root", ROOT)])
@pytest.mark.parametrize("how", ["Basic", "Bearer"])
@pytest.mark.parametrize("cold", [False, True], ids=["warm", "cold"])
def test_a_mount_from_what_is_hidden_is_one_from_what_is_absent(
    world: World, root: str, who: str, own: str, how: str, cold: bool
) -> None:
    assert root
    basic = world.secrets[who]
    credential = basic if how == "Basic" else world.token(basic, everything([own, *NAMES]))
    nothing = Digest.of(b"in no repository")
    queries = [f"mount={digest}&from={name}" for digest in (LAYER, nothing) for name in NAMES]
    for group in (queries, [f"mount={LAYER}", f"mount={nothing}"]):
        found = []
        for query in group:
            path = f"/v2/{own}/blobs/uploads/?{query}"
            world.ask("POST", path, credential)
            if cold:
                world.forget()
            with statements() as asked:
                answer = world.ask("POST", path, credential)
            assert answer.status_code == 202
            found.append((said(answer, own), asked))
        assert all(one == found[0] for one in found), found
    for method in ("HEAD", "GET", "HEAD"):  # to look is not to import
        assert world.ask(method, f"/v2/{own}/blobs/{LAYER}", credential).status_code == 404


def test_a_mount_without_a_source_finds_what_may_be_read_among_much_that_may_not(world: World) -> None:
    client, shared = world.as_admin(), b"a layer that everybody has"
    digest = Digest.parse(push.blob(client, OTHER, shared))
    for number in range(HOLDERS + 5):
        assert world.installed.registry.blobs.mount(f"evil/private/{number}", digest, OTHER)
    path = f"/v2/acme/private/other/blobs/uploads/?mount={digest}"
    assert world.ask("POST", path, world.secrets["writer"]).status_code == 202
    push.blob(client, PRIVATE, shared)
    assert world.ask("POST", path, world.secrets["writer"]).status_code == 201


@pytest.mark.parametrize(
    ("scopes", "statuses"),
    [
        (["write_packages", "write_registries"], [202, 202, 202, 403]),
        (["write_packages"], [202, 202, 403, 403]),
        (["write_registries"], [403, 403, 403, 403]),
        (["read_audit_events"], [403, 403, 403, 403]),
    ],
)
def test_a_push_makes_a_registry_for_whoever_may_and_tells_all_others_nothing(
    tmp_path: Path, scopes: list[str], statuses: list[int]
) -> None:
    with issuer() as someone, world_of(tmp_path, someone, create_on_push="true") as world:
        secret = world.manager.tokens.create(SYSTEM, "owner", scopes=scopes).secret
        answers = [world.ask("POST", f"/v2/{name}/blobs/uploads/", basic("x", secret)) for name in NAMES]
        assert [one.status_code for one in answers] == statuses
        if "write_packages" not in scopes:
            told = [said(one, name) for one, name in zip(answers, NAMES, strict=True)]
            assert all(one == told[0] for one in told)


@pytest.mark.parametrize("method", ["GET", "PATCH", "PUT", "DELETE"])
def test_an_upload_of_somebody_else_is_one_that_is_not_there(world: World, session: str, method: str) -> None:
    found = []
    for one in ("0" * 32, session, "0" * 32):
        path = f"/v2/{PRIVATE}/blobs/uploads/{one}?digest={Digest.of(b'x')}"
        with statements() as asked:
            answer = world.ask(method, path, world.secrets["writer"], data=b"x")
        assert answer.status_code == 404
        assert answer.get_json()["errors"][0]["code"] == "BLOB_UPLOAD_UNKNOWN"
        found.append((said(answer, PRIVATE), asked))
    assert found[1] == found[2]
    answer = world.ask("GET", f"/v2/{PRIVATE}/blobs/uploads/{session}", world.secrets["instance admin"])
    assert (answer.status_code, answer.headers["Range"]) == (204, "0-0")


def test_the_times_are_printed(world: World) -> None:
    for who, how in (("nobody", "nothing"), ("stranger", "Basic"), ("reader of the root", "Bearer")):
        credential = ANYONE if how == "nothing" else authorization(world, who, how)
        taken: dict[str, list[float]] = {name: [] for name in NAMES}
        for _ in range(60):
            for name, times in taken.items():
                started = time.perf_counter()
                assert world.ask("GET", f"/v2/{name}/manifests/{TAG}", credential).status_code in {401, 403, 404}
                times.append(time.perf_counter() - started)
        medians = {name: f"{statistics.median(times) * 1e6:.0f} us" for name, times in taken.items()}
        print(f"{who}, {how}: {medians}")
