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

pytestmark = pytest.mark.conformance
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
    program = suite()
    results = tmp_path / "results"
    results.mkdir()
    with Server(tmp_path, sparse=sparse) as server:
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": str(tmp_path),
            "OCI_VERSION": version,
            "OCI_DATA_SPARSE": str(sparse).lower(),
            "OCI_TLS": "disabled",
            "OCI_REGISTRY": server.address,
            "OCI_REPO1": "conformance/one",
            "OCI_REPO2": "conformance/two",
            "OCI_RESULTS_DIR": str(results),
        }
        done = subprocess.run([program], env=environ, capture_output=True, text=True, timeout=300, check=False)
    totals = re.search(r"<testsuites ([^>]*)>", (results / "junit.xml").read_text())
    report = (results / "results.yaml").read_text()
    verdicts = Counter(re.findall(r"^  [^:]+: (Pass|FAIL|Skip|Error|Disabled|Unknown)\s*$", report, re.MULTILINE))
    with capsys.disabled():
        what = f"conformance {version}{' with sparse manifests' if sparse else ''}"
        print(f"\n{what}: {totals[1] if totals else 'no report'}; {dict(verdicts)}")
    assert done.returncode == 0, done.stdout[-5000:]
    assert verdicts["Pass"] > 30
    unwanted = {"FAIL", "Skip", "Error", "Unknown"}
    assert not unwanted & set(verdicts), [line for line in report.splitlines() if line.endswith(tuple(unwanted))]
