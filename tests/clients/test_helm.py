"""helm: charts as OCI artifacts."""

from pathlib import Path

from tests.clients.run import Run


def test_a_chart_is_pushed_shown_and_pulled(run: Run, address: str, tmp_path: Path) -> None:
    run("helm", "create", "app")
    run("helm", "package", "app")
    run("helm", "push", "--plain-http", "app-0.1.0.tgz", f"oci://{address}/helm")
    assert "name: app" in run(
        "helm", "show", "chart", "--plain-http", f"oci://{address}/helm/app", "--version", "0.1.0"
    )
    (tmp_path / "back").mkdir()
    run("helm", "pull", "--plain-http", f"oci://{address}/helm/app", "--version", "0.1.0", "-d", tmp_path / "back")
    assert (tmp_path / "back" / "app-0.1.0.tgz").read_bytes() == (tmp_path / "app-0.1.0.tgz").read_bytes()
