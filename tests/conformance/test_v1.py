"""The specification's older suite (tag v1.1.1, a Ginkgo test package): no failure.

It is no Go module that a proxy serves, so nothing installs it: ``go test -c`` in the folder ``conformance`` of the
specification's repository at that tag makes the program that OCIREG_TEST_CONFORMANCE_V1 names.
"""

import os
import subprocess
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from tests.server import Server
from tests.stores import homes
from tests.stores.gcs_account import account
from tests.stores.served import s3_credentials

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.conformance
SECRET = "ocireg_" + "a" * 48
PROGRAM = os.environ.get("OCIREG_TEST_CONFORMANCE_V1")


@pytest.mark.skipif(not PROGRAM, reason="OCIREG_TEST_CONFORMANCE_V1 names no program: see the text of this module")
@pytest.mark.parametrize(
    ("kind", "redirect"),
    [("folder", "never"), ("s3", "never"), ("s3", "always"), ("gcs", "never"), ("gcs", "always")],
)
def test_nothing_fails(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], request: pytest.FixtureRequest, kind: str, redirect: str
) -> None:
    make: dict[str, Callable[[], homes.Home]] = {
        "folder": homes.folder,
        "s3": lambda: homes.s3(request.getfixturevalue("seaweedfs")),
        "gcs": lambda: homes.gcs(request.getfixturevalue("fake_gcs")),
    }
    given = {"open": "false", "admin_token": SECRET, "redirect": redirect, **make[kind]().settings}
    with ExitStack() as stack:
        stack.enter_context(s3_credentials())
        if kind == "gcs":
            given["gcs_credentials"] = stack.enter_context(account()).key  # what signs the URLs
        server = stack.enter_context(Server(tmp_path, **given))
        environ = {
            "PATH": os.environ["PATH"],
            "OCI_ROOT_URL": server.url,
            "OCI_USERNAME": "admin",
            "OCI_PASSWORD": SECRET,
            "OCI_NAMESPACE": "conformance/one",
            "OCI_CROSSMOUNT_NAMESPACE": "conformance/two",
            "OCI_TEST_PULL": "1",
            "OCI_TEST_PUSH": "1",
            "OCI_TEST_CONTENT_DISCOVERY": "1",
            "OCI_TEST_CONTENT_MANAGEMENT": "1",
            "OCI_HIDE_SKIPPED_WORKFLOWS": "0",
            "OCI_REPORT_DIR": str(tmp_path),
        }
        done = subprocess.run([str(PROGRAM)], env=environ, capture_output=True, text=True, timeout=300, check=False)
        redirected = " 307 " in server.log.read_text()
    report = ET.parse(tmp_path / "junit.xml").getroot()
    with capsys.disabled():
        print(f"\nconformance v1 on {kind}, redirects {redirect}: {report.attrib}")
    assert done.returncode == 0, done.stdout[-5000:]
    assert int(report.attrib["tests"]) >= 79
    assert report.attrib["failures"] == "0"
    assert redirected is (redirect == "always")
