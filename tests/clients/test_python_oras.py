"""oras for Python: an artifact with annotations."""

from pathlib import Path

import oras.client
import pytest

from tests.server import Server


def test_an_artifact_is_pushed_and_pulled(server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("report.txt").write_text("a report")
    client = oras.client.OrasClient(insecure=True)
    target = f"{server.address}/python/oras:v1"
    answer = client.push(target=target, files=["report.txt"], manifest_annotations={"made": "here"})
    assert answer.status_code == 201
    client.pull(target=target, outdir=str(tmp_path / "back"))
    assert (tmp_path / "back" / "report.txt").read_text() == "a report"
    assert client.get_manifest(target)["annotations"]["made"] == "here"
    assert client.get_tags(target) == ["v1"]
