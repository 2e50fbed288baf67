"""The installation that pages are looked at in has what the tests of pages rely on."""

import requests

from ocireg.oci.digest import Digest
from tests.browser.hostile import PATHS, TEXTS
from tests.browser.installation import PASSWORD, Installation
from tests.browser.stock import API, HOSTILE, PLATFORMS, TOOL, parts


def test_all_that_was_pushed_is_there(installation: Installation) -> None:
    for name, digest in installation.digests.items():
        repository, _, tag = name.rpartition(":")
        if tag and tag != "withdrawn" and name not in parts():
            found = _manifest(installation, repository, tag)
            assert str(Digest.of(found.content)) == digest, name
    release = _manifest(installation, API, "1.0").json()
    assert [one["platform"]["architecture"] for one in release["manifests"]] == list(PLATFORMS.values())
    referrers = f"{installation.url}/v2/{API}/referrers/{installation.digests[f'{API}:1.0']}"
    assert len(requests.get(referrers, auth=("olga", PASSWORD), timeout=30).json()["manifests"]) == 2


def test_hostile_texts_are_stored_as_they_are(installation: Installation) -> None:
    assert _manifest(installation, HOSTILE, "1.0").json()["annotations"] == TEXTS
    assert len(PATHS) == len(set(PATHS))


def test_each_sees_what_is_theirs(installation: Installation) -> None:
    """A stranger sees what is public, and a reader what is private too."""
    for repository, who, status in (
        (TOOL, None, 200),
        (API, None, 401),
        (API, ("rita", PASSWORD), 200),
        (API, ("nemo", PASSWORD), 404),
    ):
        url = f"{installation.url}/api/v1/repositories/{repository}"
        assert requests.get(url, auth=who, timeout=30).status_code == status, (repository, who)


def _manifest(installation: Installation, repository: str, reference: str) -> requests.Response:
    url = f"{installation.url}/v2/{repository}/manifests/{reference}"
    answer = requests.get(url, auth=("admin", PASSWORD), timeout=30)
    assert answer.status_code == 200, (url, answer.text)
    return answer
