"""What has gone wrong in other registries, row by row: the test that would have found it, here or where it belongs.

``docs/security.rst`` says of the rest why it cannot happen here.
"""

import ast
import gzip
from pathlib import Path

import pytest

from ocireg.auth.manage.errors import Invalid, Unknown
from ocireg.metadata.audit import SYSTEM
from ocireg.oci.digest import Digest
from ocireg.oci.media_types import OCI_MANIFEST
from tests.security.world import OTHER, PRIVATE, PUBLIC, TAG, Held, World, basic
from tests.test_tree import SOURCES, imported
from tests.web.v2 import push

ROOT = Path(__file__).parents[2]
ELSEWHERE = {
    "CVE-2023-2253: n of the catalog allocates": [
        "web/v2/test_lists.py::test_any_n_is_answered_and_none_of_them_costs_memory"
    ],
    "CVE-2017-11468: a manifest without end": [
        "web/v2/test_manifests.py::test_a_manifest_of_one_byte_too_many_is_413",
        "oci/test_document.py::test_many_values_are_refused_before_any_is_made",
        "web/v2/test_manifests.py::test_a_manifest_that_is_parsed_holds_its_slot_and_few_are_parsed_at_once",
    ],
    "CVE-2021-41190: one document of two types": [
        "oci/test_manifest.py::test_what_is_wrong_with_a_manifest_is_said",
        "web/v2/test_manifests.py::test_a_manifest_comes_back_byte_for_byte_by_tag_and_by_digest",
    ],
    "CVE-2025-24976: a key that a token brings along": [
        "auth/oidc/test_verify.py::test_a_key_that_a_token_brings_along_is_not_used",
        "auth/oidc/test_verify.py::test_an_algorithm_that_is_none_is_refused",
        "auth/oidc/test_verify.py::test_a_public_key_is_no_secret_to_sign_with",
        "auth/oidc/test_verify.py::test_a_name_of_a_key_is_no_proof_of_it",
        "auth/oidc/test_verify.py::test_a_token_for_anybody_else_is_refused",
        "auth/oidc/test_verify.py::test_a_token_is_of_this_moment_and_lives_five_minutes_at_most",
        "security/test_day.py::test_a_jwt_that_is_forged",
    ],
    "CVE-2026-41888: one way to delete that nobody thought of": [
        "web/v2/test_read_only.py::test_what_changes_something_is_refused",
        "security/test_matrix.py::test_each_may_what_the_table_says_and_is_told_nothing_else",
    ],
    "PROJQUAY-10504: a delete by digest takes an immutable tag along": [
        "registry/test_immutability.py::test_a_tag_changes_by_no_way_where_a_rule_binds_it",
        "registry/test_immutability.py::test_what_an_index_with_an_immutable_tag_names_stays",
        "registry/test_immutability.py::test_the_functions_that_change_tags_refuse_by_themselves",
        "registry/test_collector_immutable.py::test_an_orphaned_fallback_tag_stays_where_a_rule_binds_it",
    ],
    "CVE-2026-35172: a deleted blob comes back": [
        "web/v2/test_blobs.py::test_a_delete_is_of_one_repository_and_at_once"
    ],
    "CVE-2024-39897: a mount of what cannot be read": [
        "security/test_absence.py::test_a_mount_from_what_is_hidden_is_one_from_what_is_absent",
        "security/test_day.py::test_a_mount_from_a_repository_that_cannot_be_read",
    ],
    "what is hidden can be told from what is absent": [
        "security/test_absence.py::test_hidden_and_absent_are_answered_alike_after_the_same_work",
        "security/test_absence.py::test_the_token_end_point_grants_alike_what_is_hidden_and_what_is_absent",
    ],
    "CVE-2026-32589: uploads of other repositories and people": [
        "web/v2/test_uploads.py::test_a_session_is_unknown_to_every_other_repository",
        "security/test_absence.py::test_an_upload_of_somebody_else_is_one_that_is_not_there",
        "security/test_day.py::test_an_upload_session_of_another_repository",
    ],
    "CVE-2026-32590: pickled state of hashes": ["test_tree.py::test_nothing_is_pickled"],
    "CVE-2026-27771: private images that everybody pulled": [
        "security/test_matrix.py::test_each_may_what_the_table_says_and_is_told_nothing_else",
        "security/test_matrix.py::test_a_route_without_a_rule_is_shut_for_everybody",
    ],
    "CVE-2025-68944: scopes that an exchange loses": [
        "security/test_day.py::test_a_scope_that_is_widened_at_the_exchange",
        "security/test_day.py::test_a_scope_that_is_widened_with_a_refresh_token",
    ],
    "CVE-2026-32591, CVE-2026-2376: requests that are led inside": [
        "auth/oidc/test_fetcher.py::test_an_address_that_leads_inside_is_refused_and_no_connection_made",
        "auth/oidc/test_fetcher.py::test_a_name_is_resolved_once_and_the_address_that_was_judged_is_connected_to",
        "auth/oidc/test_fetcher.py::test_a_redirect_is_not_followed",
    ],
    "stored scripts": [
        "oci/test_manifest.py::test_what_is_wrong_with_a_manifest_is_said",
        "web/pages/test_audit.py::test_what_strangers_chose_is_text_on_the_page",
    ],
    "forms of other sites": [
        "web/pages/test_section.py::test_no_form_is_taken_that_was_not_shown_to_who_sends_it",
        "web/pages/test_section.py::test_a_form_that_comes_from_another_site_is_not_taken",
    ],
    "links that lead off the site": ["web/pages/test_entry.py::test_nothing_leads_off_the_site"],
    "formulas in tables": [
        "web/pages/test_audit.py::test_a_table_has_what_the_page_has_and_no_cell_is_a_formula",
    ],
    "names and digests that traverse": [
        "security/test_traversal.py::test_a_path_that_traverses_is_refused_and_leaves_nothing",
        "oci/test_reference.py::test_what_is_no_repository_name_is_refused",
        "oci/test_digest.py::test_what_is_no_digest_is_refused",
    ],
    "slow bodies": [
        "faults/test_vanishing_clients.py::test_as_many_stalled_uploads_as_threads_hold_up_nobody_and_are_let_go"
    ],
    "many ranges": ["oci/test_ranges.py::test_more_ranges_than_the_limit_ask_for_the_whole"],
    "floods of logins": [
        "auth/test_throttle.py::test_never_more_than_the_limit_pass_in_any_window_and_a_wait_is_never_in_vain"
    ],
    "lines of a stranger in the log": [
        "serving/test_gunicorn.py::test_a_path_cannot_write_lines_into_the_log",
        "metadata/test_audit.py::test_what_strangers_say_is_bounded_and_cannot_steer_a_terminal",
        "security/test_logs.py::test_nothing_of_a_stranger_begins_a_line_of_the_log",
    ],
    "secrets in logs": [
        "security/test_logs.py::test_no_log_and_no_database_has_a_secret",
        "web/v2/test_redirected_pulls.py::test_no_log_holds_a_signature",
    ],
}
"""Tests, by the failure that they would have found."""


def names_in(path: Path) -> set[str]:
    """Return the names of the tests in a file."""
    return {node.name for node in ast.parse(path.read_text()).body if isinstance(node, ast.FunctionDef)}


@pytest.mark.parametrize("failure", ELSEWHERE)
def test_each_failure_has_its_tests(failure: str) -> None:
    for one in ELSEWHERE[failure]:
        path, _, name = one.partition("::")
        assert name in names_in(ROOT / "tests" / path), one


@pytest.mark.parametrize("failure", ELSEWHERE)
def test_the_documentation_tells_users_of_each(failure: str) -> None:
    page = (ROOT / "docs" / "security.rst").read_text()
    for number in (one.strip() for one in failure.partition(":")[0].split(",")):
        if number.startswith("CVE-"):
            assert number in page


def test_a_token_of_a_registry_is_not_there_for_another(world: World) -> None:
    tokens = world.manager.tokens
    theirs = tokens.create_for_registry(SYSTEM, "evil/private")
    with pytest.raises(Unknown):
        tokens.revoke_for_registry(SYSTEM, "acme/private", theirs.id)
    with pytest.raises(Unknown):
        tokens.revoke(SYSTEM, theirs.id)  # nor is it one of a user
    assert theirs.id not in [one.id for one in tokens.of_registry("acme/private")]
    assert world.ask("GET", f"/v2/{OTHER}/tags/list", basic("x", theirs.secret)).status_code == 200


def test_what_a_policy_let_in_ends_with_the_policy(world: World) -> None:
    paths = [f"/v2/{PRIVATE}/tags/list", f"/v2/{PRIVATE}/manifests/{TAG}"]
    assert [world.ask("GET", path, world.bearers["OIDC"]).status_code for path in paths] == [200, 200]
    world.manager.registries.set_policy(
        SYSTEM, "acme/private", f"- iss: {world.issuer.url}\n  claims: {{ref: release}}\n"
    )
    for shown in (world.bearers["OIDC"], world.secrets["OIDC"]):
        assert [world.ask("GET", path, shown).status_code for path in paths] == [401, 401]


@pytest.mark.parametrize(
    "field", ["id", "organization", "organization_id", "slug", "policy", "policy_id", "created_at", "admin", "public"]
)
def test_a_field_that_nobody_may_set_is_refused_by_name(world: World, field: str) -> None:
    before = world.manager.registries.get("acme/private")
    for change in (world.manager.registries.change, world.manager.registries.create):
        with pytest.raises(Invalid) as caught:
            change(SYSTEM, "acme/private", **{field: "1"})
        assert caught.value.field == field
    assert world.manager.registries.get("acme/private") == before


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: str(path.relative_to(ROOT)))
def test_nothing_is_inflated_but_where_contents_are_read_and_nothing_is_unpacked(path: Path) -> None:
    unpacking = {
        "gzip",
        "zlib",
        "bz2",
        "lzma",
        "zipfile",
        "tarfile",
        "zstandard",
        "compression",
        "shutil.unpack_archive",
    }
    inflating = {
        ROOT / "ocireg/contents/source.py": {"zlib", "zstandard"},  # under caps, when asked
        ROOT / "ocireg/registry/backups/snapshot.py": {"zlib"},  # what it put there itself, of the size that it says
    }
    assert imported(path) & unpacking <= inflating.get(path, set())


def test_a_bomb_is_stored_as_it_came(world: World) -> None:
    bomb = gzip.compress(bytes(20_000_000))
    client = world.as_admin()
    digest = push.blob(client, PUBLIC, bomb)
    assert client.get(f"/v2/{PUBLIC}/blobs/{digest}").get_data() == bomb


def test_a_body_that_is_said_to_be_compressed_is_taken_as_it_came(world: World) -> None:
    body = gzip.compress(b"x" * 1000)
    path = f"/v2/{PUBLIC}/blobs/uploads/?digest={Digest.of(body)}"
    headers = {"Content-Encoding": "gzip"}
    assert world.as_admin().post(path, data=body, headers=headers).status_code == 201
    image = Held.of(PUBLIC).image
    answer = world.as_admin().put(
        f"/v2/{PUBLIC}/manifests/inflated", data=gzip.compress(image), headers=headers, content_type=OCI_MANIFEST
    )
    assert answer.status_code == 400


def test_a_pull_has_no_header_of_the_store(world: World) -> None:
    held = Held.of(PRIVATE)
    paths = [f"blobs/{Digest.of(held.layer)}", f"manifests/{TAG}", "tags/list", f"blobs/{Digest.of(b'none')}"]
    for path in paths:
        answer = world.ask("GET", f"/v2/{PRIVATE}/{path}", world.secrets["reader"])
        assert set(answer.headers.keys()) <= {
            "Accept-Ranges",
            "Cache-Control",
            "Content-Disposition",
            "Content-Length",
            "Content-Type",
            "Docker-Content-Digest",
            "Docker-Distribution-API-Version",
            "ETag",
            "X-Content-Type-Options",
        }


@pytest.mark.parametrize("media_type", ["text/html", "TEXT/HTML", "image/svg+xml", "application/xhtml+xml", "text/xml"])
def test_no_browser_runs_what_was_pushed(world: World, media_type: str) -> None:
    client = world.as_admin()
    content = push.image(annotations={"a": "<script>alert(1)</script>"}).replace(
        OCI_MANIFEST.encode(), media_type.encode()
    )
    pushed = client.put(f"/v2/{PUBLIC}/manifests/script", data=content, content_type=media_type)
    assert pushed.status_code == 400
    script = push.blob(client, PUBLIC, b"<script>alert(1)</script>")
    answer = client.get(f"/v2/{PUBLIC}/blobs/{script}")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"] == "attachment"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
