"""``ocireg why``: what keeps a digest, or when it goes."""

from flask.testing import FlaskClient

from ocireg.oci.digest import Digest
from tests.cli.commanded import Commands
from tests.web.v2 import push

LAYER = str(Digest.of(b"layer"))


def test_it_names_the_tag_and_the_way_to_it_in_each_repository(run: Commands, client: FlaskClient) -> None:
    digest = push.manifest(client, "a/b", "v1")
    push.manifest(client, "c/d", "v2")
    said = run("why", LAYER).splitlines()
    assert said[:3] == ["blob of a/b: kept", f"  named by {digest}", "  tag v1"] or "blob of a/b: kept" in said
    assert said.index("  tag v2") > said.index("blob of c/d: kept")
    (first, second) = run.json("why", digest)
    assert (first["repository"], first["kept"], first["tag"], first["kind"]) == ("a/b", True, "v1", "manifest")
    assert (second["repository"], second["tag"]) == ("c/d", "v2")


def test_it_says_since_when_something_is_condemned_and_when_it_goes(run: Commands, client: FlaskClient) -> None:
    digest = push.manifest(client, "a/b", "v1")
    client.delete("/v2/a/b/manifests/v1")
    (one,) = run.json("why", LAYER)
    assert (one["kept"], one["reason"], one["tag"]) == (False, "deleted", None)
    assert [link["digest"] for link in one["chain"]] == [digest]
    assert one["goes_at"] == one["since"] + 86400
    assert one["bytes_at"] == one["goes_at"] + 3600
    assert one["protected_until"] > one["since"]
    said = run("why", digest)
    assert "manifest of a/b: goes at " in said
    assert "deleted since " in said


def test_a_blob_that_no_manifest_names_is_protected_for_a_while(run: Commands, client: FlaskClient) -> None:
    push.blob(client, "a/b", b"layer")
    (one,) = run.json("why", LAYER)
    assert (one["reason"], one["chain"]) == ("pushed", [])
    assert one["goes_at"] == one["protected_until"]


def test_what_nobody_has_and_what_is_no_digest_is_said(run: Commands, client: FlaskClient) -> None:
    push.blob(client, "a/b", b"layer")
    assert run.refused("why", "sha256:1").startswith("'sha256:1' is no digest")
