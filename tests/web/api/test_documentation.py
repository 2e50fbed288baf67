"""``docs/api.rst``: every example is run as it stands, by curl, against a server."""

import json
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
import requests

from tests.server import Server
from tests.web.api.test_schema import TOKEN, push_image

PAGE = Path(__file__).parents[3] / "docs" / "api.rst"
EXAMPLES = re.findall(r"^    (curl .*)$", PAGE.read_text(), re.MULTILINE)
IMAGE = "acme/containers/web/api"


@pytest.mark.skipif(shutil.which("curl") is None, reason="curl is not here")
def test_every_example_does_what_it_says(tmp_path: Path) -> None:
    assert len(EXAMPLES) > 15
    with Server(tmp_path, open="false", admin_token=TOKEN, oidc_issuers="gitlab") as server:
        digest = ""
        for example in EXAMPLES:
            if "/repositories" in example and not digest:
                digest = push_image(server, IMAGE, "1.0", ("admin", TOKEN))
            values = {"HOST": server.url, "TOKEN": TOKEN, "DIGEST": digest}
            done = subprocess.run(
                ["/bin/sh", "-c", example], env=os.environ | values, capture_output=True, text=True, check=False
            )
            assert done.returncode == 0, (example, done.stdout, done.stderr)
            assert json.loads(done.stdout) != [] if done.stdout else "DELETE" in example, example
        assert requests.get(f"{server.url}/api/v1/", timeout=10).status_code == 200
