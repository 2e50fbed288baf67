"""The specification's newer suite, a Go program: no failure and no skip.

Its exit status says nothing of a bad configuration, so its report is what counts. It is pinned by ``.ci/run``.
"""

import os
import re
import shutil
import subprocess
from collections import Counter
from pathlib import Path

import pytest

from tests.server import Server
from tests.stores import homes
from tests.stores.gcs import GcsStore
from tests.stores.s3 import S3Store
from tests.stores.served import on_s3, s3_credentials

pytestmark = pytest.mark.conformance
SECRET = "ocireg_" + "a" * 48
MODULE = "github.com/opencontainers/distribution-spec/conformance"


def suite() -> str:
    """Return the program; without it, skip and say how to install it. In CI it must be there."""
    found = os.environ.get("OCIREG_TEST_CONFORMANCE") or shutil.which("conformance")
    if found:
        return found
    how = f"the conformance suite is not installed: go install {MODULE}@latest"
    if os.environ.get("CI"):
        pytest.fail(how)
    pytest.skip(how)


@pytest.mark.parametrize(("version", "sparse"), [("dev", True), ("dev", False), ("1.1", True), ("1.0", True)])
def test_nothing_fails_and_nothing_is_skipped(
    tmp_path: Path, version: str, sparse: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever pushes has logged in, and shows access tokens."""
    program = suite()
    with Server(tmp_path, open="false", admin_token=SECRET, sparse=sparse) as server:
        what = f"conformance {version}{' with sparse manifests' if sparse else ''}"
        run(
            program, server, capsys, what, OCI_VERSION=version, OCI_DATA_SPARSE=str(sparse).lower(),
            OCI_USERNAME="admin", OCI_PASSWORD=SECRET,
        )  # fmt: skip
        log = server.log.read_text()
    assert re.search(r'"(GET|POST) /token HTTP/1.1" 200', log)
    assert '"GET /v2/ HTTP/1.1" 401' in log


def test_nothing_fails_where_everything_is_open(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    program = suite()
    with Server(tmp_path, sparse=True) as server:
        run(program, server, capsys, "conformance dev, open", OCI_VERSION="dev", OCI_DATA_SPARSE="true")


def test_with_redirects_too_but_for_the_digest_in_an_answer_of_the_store(
    tmp_path: Path, seaweedfs: S3Store, capsys: pytest.CaptureFixture[str]
) -> None:
    program = suite()
    with on_s3(tmp_path, seaweedfs, redirect="always", sparse=True) as server:
        run(
            program, server, capsys, "conformance dev with redirects",
            OCI_VERSION="dev", OCI_DATA_SPARSE="true", OCI_API_BLOBS_DIGEST_HEADER="false",
        )  # fmt: skip
        assert len(re.findall(r'"GET /v2/\S+ HTTP/1.1" 307', server.log.read_text())) > 30


@pytest.mark.parametrize("kind", ["s3", "gcs"])
def test_on_a_store_too(
    tmp_path: Path, seaweedfs: S3Store, fake_gcs: GcsStore, capsys: pytest.CaptureFixture[str], kind: str
) -> None:
    program = suite()
    home = homes.s3(seaweedfs) if kind == "s3" else homes.gcs(fake_gcs)
    with s3_credentials(), Server(tmp_path, sparse=True, redirect="never", **home.settings) as server:
        run(program, server, capsys, f"conformance dev on {kind}", OCI_VERSION="dev", OCI_DATA_SPARSE="true")


def run(program: str, server: Server, capsys: pytest.CaptureFixture[str], what: str, **more: str) -> None:
    """Run the suite against a server, with more of its own settings; print what it counts, and check it."""
    results = server.folder / "results"
    results.mkdir()
    environ = {
        "PATH": os.environ["PATH"],
        "HOME": str(server.folder),
        "OCI_TLS": "disabled",
        "OCI_REGISTRY": server.address,
        "OCI_REPO1": "conformance/one",
        "OCI_REPO2": "conformance/two",
        "OCI_RESULTS_DIR": str(results),
        **more,
    }
    done = subprocess.run([program], env=environ, capture_output=True, text=True, timeout=300, check=False)
    totals = re.search(r"<testsuites ([^>]*)>", (results / "junit.xml").read_text())
    report = (results / "results.yaml").read_text()
    verdicts = Counter(re.findall(r"^  [^:]+: (Pass|FAIL|Skip|Error|Disabled|Unknown)\s*$", report, re.MULTILINE))
    with capsys.disabled():
        print(f"\n{what}: {totals[1] if totals else 'no report'}; {dict(verdicts)}")
    assert done.returncode == 0, done.stdout[-5000:]
    assert verdicts["Pass"] > 30
    assert totals
    assert "skipped" not in totals[1]
    unwanted = {"FAIL", "Skip", "Error", "Unknown"}
    assert not unwanted & set(verdicts), [line for line in report.splitlines() if line.endswith(tuple(unwanted))]
