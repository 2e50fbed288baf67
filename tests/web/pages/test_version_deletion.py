"""Deleting from the page of a version: it asks first, and deletes what was shown."""

from typing import Any

import pytest
from werkzeug.test import TestResponse

from ocireg.oci.digest import Digest
from tests.web.installed import Api
from tests.web.pages.browser import Browser
from tests.web.pages.pushed import NAME, Pusher, digest_of, path_of


@pytest.fixture(scope="module")
def ada(goods: Api) -> Browser:
    """The admin of acme, who may delete."""
    browser = Browser(goods.app)
    browser.sign_in("ada")
    return browser


def pull(pushes: Pusher, reference: str) -> TestResponse:
    """Ask for a manifest as clients do."""
    return pushes.client.get(f"/v2/{NAME}/manifests/{reference}")


def form_of(browser: Browser, what: str) -> dict[str, Any]:
    """Return what the button for a tag, or for a manifest, sends."""
    assert browser.page is not None
    (found,) = (one.fields for one in browser.page.forms if one.fields.get("what") == [what])
    return {name: values[0] for name, values in found.items()}


def test_a_tag_is_deleted_and_the_version_stays_and_it_can_be_restored(
    goods: Api, pushes: Pusher, ada: Browser
) -> None:
    image = pushes.image(NAME, "one-tag", b"one tag")
    ada.get(ada.get(f"/{NAME}:one-tag").links["Delete"])
    page = ada.submit(f"/{NAME}:one-tag/-/delete", **form_of(ada, "tag"))
    assert page.path == path_of(NAME, image)
    assert "can be restored" in ada.said[0]
    assert pull(pushes, "one-tag").status_code == 404
    assert pull(pushes, digest_of(image)).status_code == 200
    goods.installed.registry.tags.restore(NAME, "one-tag", Digest.of(image))
    assert pull(pushes, "one-tag").status_code == 200


def test_a_version_goes_with_all_tags_that_were_named(pushes: Pusher, ada: Browser) -> None:
    image = pushes.image(NAME, "first-tag", b"two tags")
    pushes.image(NAME, "second-tag", b"two tags")
    pushes.image(NAME, "another", b"another")
    page = ada.get(f"/{NAME}:first-tag/-/delete")
    assert "2 tags: first-tag, second-tag" in page.text
    ada.submit(f"/{NAME}:first-tag/-/delete", **form_of(ada, "manifest"))
    for reference in ("first-tag", "second-tag", digest_of(image)):
        assert pull(pushes, reference).status_code == 404
    assert pull(pushes, "another").status_code == 200


@pytest.mark.parametrize("what", ["tag", "manifest"])
def test_what_a_tag_has_come_to_point_at_since_is_not_deleted(pushes: Pusher, ada: Browser, what: str) -> None:
    pushes.image(NAME, "moving", f"before {what}".encode())
    ada.get(f"/{NAME}:moving/-/delete")
    sent = form_of(ada, what)
    now = pushes.image(NAME, "moving", f"after {what}".encode())
    ada.submit(f"/{NAME}:moving/-/delete", **sent)
    assert "nothing was deleted" in ada.said[0]
    assert pull(pushes, "moving").data == now


def test_by_digest_no_tag_can_be_deleted_alone(pushes: Pusher, ada: Browser) -> None:
    image = pushes.image(NAME, "", b"untagged")
    page = ada.get(path_of(NAME, image, "/-/delete"))
    assert "with no tag" in page.text
    assert "The tag alone" not in page.text
    sent = {**form_of(ada, "manifest"), "what": "tag"}
    ada.submit(path_of(NAME, image, "/-/delete"), 404, **sent)
    assert pull(pushes, digest_of(image)).status_code == 200


def test_who_may_not_delete_sees_no_button(pushes: Pusher, bob: Browser) -> None:
    pushes.image(NAME, "kept", b"kept")
    assert "Delete" not in bob.get(f"/{NAME}:kept").links
    bob.get(f"/{NAME}:kept/-/delete", 403)


@pytest.mark.parametrize("what", [None, "", "everything"])
def test_a_form_that_does_not_say_what_shall_go_deletes_nothing(pushes: Pusher, ada: Browser, what: str | None) -> None:
    image = pushes.image(NAME, "stays", b"stays")
    page = ada.get(f"/{NAME}:stays/-/delete")
    sent = {"csrf_token": page.token, "digest": digest_of(image), **({} if what is None else {"what": what})}
    assert ada.ask("POST", page.path, data=sent).status_code == 400
    assert pull(pushes, "stays").status_code == 200
