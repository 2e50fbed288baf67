"""``docs/api.rst``: every example is run as it stands, by curl, against a server."""

import json
import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest
import requests

from ocireg.oci.digest import Digest
from ocireg.oci.media_types import OCI_INDEX, OCI_MANIFEST
from tests.server import Server
from tests.web.api.test_schema import TOKEN, push_image
from tests.web.v2 import push

PAGE = Path(__file__).parents[3] / "docs" / "api.rst"
EXAMPLES = re.findall(r"^    (curl .*)$", PAGE.read_text(), re.MULTILINE)
IMAGE = "acme/containers/web/api"


def filled(server: Server) -> dict[str, str]:
    """Push an image that is listed, its signature and index, and begin a blob; return what examples call them."""
    auth = ("admin", TOKEN)
    digest = push_image(server, IMAGE, "1.0", auth)
    api = f"{server.url}/api/v1/registries/acme/containers/packages"
    (image,) = requests.get(api, auth=auth, timeout=30).json()
    pushed = requests.get(f"{server.url}/v2/{IMAGE}/manifests/1.0", auth=auth, timeout=30).content
    signature = push.image(subject=push.descriptor(pushed, OCI_MANIFEST))
    for content, media_type in ((signature, OCI_MANIFEST), (push.index(pushed), OCI_INDEX)):
        url = f"{server.url}/v2/{IMAGE}/manifests/{Digest.of(content)}"
        answer = requests.put(url, data=content, headers={"Content-Type": media_type}, auth=auth, timeout=30)
        assert answer.status_code == 201, answer.text
    (index,) = [one for one in requests.get(api, auth=auth, timeout=30).json() if one["media_type"] == OCI_INDEX]
    begun = requests.post(f"{server.url}/v2/{IMAGE}-2/blobs/uploads/", auth=auth, timeout=30)
    assert begun.status_code == 202, begun.text
    until = time.monotonic() + 60
    while requests.post(f"{api}/{image['id']}/contents", auth=auth, timeout=30).status_code == 202:
        assert time.monotonic() < until
        time.sleep(0.05)
    return {"DIGEST": digest, "PACKAGE": image["id"], "INDEX": index["id"]}


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not here")
def test_every_example_does_what_it_says(tmp_path: Path) -> None:
    assert len(EXAMPLES) > 15
    with Server(tmp_path, open="false", admin_token=TOKEN, oidc_issuers="gitlab") as server:
        values = {"HOST": server.url, "TOKEN": TOKEN}
        for example in EXAMPLES:
            if "/packages" in example and "DIGEST" not in values:
                values |= filled(server)
            done = subprocess.run(
                ["/bin/sh", "-c", example], env={**os.environ, **values}, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, (example, done.stdout, done.stderr)
            assert json.loads(done.stdout) != [] if done.stdout else "DELETE" in example, example
        assert requests.get(f"{server.url}/api/v1/", timeout=10).status_code == 200
