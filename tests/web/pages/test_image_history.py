"""What tags pointed at, and how they are let point at it again."""

import pytest

from ocireg.metadata.audit import SYSTEM
from tests.web.api.conftest import pusher
from tests.web.installed import Api
from tests.web.pages.conftest import Open
from tests.web.pages.images import GOODS, NAME, fill, image

HERE = f"/{NAME}/-/history"


@pytest.fixture
def digests(api: Api) -> list[str]:
    """What the tag 1 pointed at: the first one is gone, the second is there, the third is what it points at."""
    api.manager.registries.create(SYSTEM, GOODS, name="Goods")
    found = [image(api, NAME, "1", layer) for layer in (b"one", b"two", b"three")]
    image(api, NAME, "2", b"one more")
    pusher(api).delete(f"/v2/{NAME}/manifests/{found[0]}")
    return found


def test_history_says_what_each_tag_pointed_at_and_by_whom(digests: list[str], open_as: Open) -> None:
    page = open_as("bob").get(HERE)
    assert [row[1] for row in page.rows] == ["2", "1", "1", "1"]
    assert {row[3] for row in page.rows} == {"admin"}
    one = open_as("bob").get(f"{HERE}?tag=1")
    assert [row[2] for row in one.rows] == [
        f"{digests[2][:19]} now",
        f"{digests[1][:19]} goes a month from now",
        f"{digests[0][:19]} gone",
    ]
    assert one.links[digests[1][:19]] == f"/{NAME}@{digests[1]}"
    assert digests[0][:19] not in one.links
    assert one.links["History of all tags"] == HERE
    assert "Restore" not in one.text


def test_a_tag_points_again_at_what_is_still_there(api: Api, digests: list[str], open_as: Open) -> None:
    browser = open_as("ada")
    page = browser.get(f"{HERE}?tag=1")
    (form,) = [one for one in page.forms if one.action.endswith("/restore")]
    assert (form.action, form.fields["digest"]) == (f"/{NAME}/-/tags/1/restore", [digests[1]])
    browser.submit(form)
    assert browser.said == ["The tag 1 is restored."]
    assert browser.page
    assert browser.page.path == f"{HERE}?tag=1"
    assert browser.page.rows[0][2] == f"{digests[1][:19]} now"
    assert api.get(f"/repositories/{NAME}/-/tags/1")["digest"] == digests[1]
    assert api.get("/audit-events?action=tag.restore")[0]["actor"] == "ada"


@pytest.mark.parametrize(
    ("digest", "status"), [("", 400), ("1", 400), ("sha256:x", 400), (f"sha256:{0:064}", 404), ("gone", 404)]
)
def test_a_tag_is_not_restored_to_anything_else(digests: list[str], open_as: Open, digest: str, status: int) -> None:
    browser = open_as("ada")
    browser.get(HERE)
    wanted = digests[0] if digest == "gone" else digest
    browser.submit(f"/{NAME}/-/tags/1/restore", status=status, digest=wanted)
    assert browser.get(f"{HERE}?tag=1").rows[0][2] == f"{digests[2][:19]} now"


@pytest.mark.parametrize("tag", ["3", "%", "_", "<script>alert(1)</script>"])
def test_a_tag_that_never_was_has_no_history(digests: list[str], open_as: Open, tag: str) -> None:
    page = open_as("bob").get(f"{HERE}?tag={tag.replace('%', '%25')}")
    assert page.rows == []
    assert f"There has been no tag {tag}" in page.text
    assert digests[0] not in page.source


def test_history_is_pages_that_lead_on_and_back(api: Api, digests: list[str], open_as: Open) -> None:
    fill(api, 0, 40)
    browser = open_as("bob")
    first = browser.get(HERE)
    second = browser.get(HERE + first.links["Next →"])
    assert [row[1] for row in [*first.rows, *second.rows]] == [*(f"n{one:05}" for one in range(39, -1, -1)), *"2111"]
    back = browser.get(HERE + second.links["← Previous"])
    assert [row[1:] for row in back.rows] == [row[1:] for row in first.rows]
    assert digests[1][:19] in second.text
