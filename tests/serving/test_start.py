"""What must hold before anything is served, from ``ocireg serve`` and from gunicorn's own command line alike."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest

from ocireg.config import load
from ocireg.serving.banner import banner
from tests.server import environment, free_port
from tests.serving.certificates import openssl, self_signed

ROOT = Path(__file__).parents[2]
GUNICORN = [str(Path(sys.executable).parent / "gunicorn")]
CONFIGURED = [*GUNICORN, "-c", str(ROOT / "conf" / "gunicorn.conf.py")]

AS_SYSTEMD_DOES = (
    "import os, sys; os.dup2(int(sys.argv[1]), 3); os.environ |= {'LISTEN_PID': str(os.getpid()), 'LISTEN_FDS': '1'};"
    "os.execv(sys.argv[2], sys.argv[2:])"
)


def run(command: list[str], variables: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """Run what ends by itself; a server that goes on to serve fails the test."""
    return subprocess.run(
        command, env=environment() | variables, capture_output=True, text=True, check=False, timeout=60, close_fds=False
    )


@pytest.mark.parametrize("how", ["OCIREG_BIND", "PORT", "-b", "inherited"])
def test_gunicorn_is_not_open_off_loopback_without_leave(tmp_path: Path, how: str) -> None:
    variables, command = {"OCIREG_DATA": str(tmp_path), "OCIREG_OPEN": "true"}, list(CONFIGURED)
    with socket.socket() as listener:
        listener.bind(("0.0.0.0", 0))
        port = listener.getsockname()[1]
        if how == "inherited":
            listener.listen()
            listener.set_inheritable(True)
            command = [sys.executable, "-c", AS_SYSTEMD_DOES, str(listener.detach()), *command]
        else:
            command += ["-b", f"0.0.0.0:{port}"] if how == "-b" else []
            variables |= {"OCIREG_BIND": f"0.0.0.0:{port}"} if how == "OCIREG_BIND" else {}
            variables |= {"PORT": str(port)} if how == "PORT" else {}
    done = run(command, variables)
    assert done.returncode == 2, done.stderr
    assert done.stdout == ""
    assert f"ocireg: 0.0.0.0:{port} can be reached from other machines" in done.stderr
    assert "--open-to-everyone" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_gunicorn_that_this_project_did_not_configure_serves_nothing(tmp_path: Path) -> None:
    done = run([*GUNICORN, "ocireg.serving.wsgi:app", "-b", f"127.0.0.1:{free_port()}"], {"OCIREG_DATA": str(tmp_path)})
    assert done.returncode == 3
    assert "ocireg: start it as: gunicorn -c conf/gunicorn.conf.py" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.fixture(scope="module")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of keys, which take openssl longer than a server takes to refuse them."""
    folder = tmp_path_factory.mktemp("certificates")
    self_signed(folder)
    openssl(folder, "genrsa", "-out", "other.pem", "2048")
    openssl(folder, "rsa", "-aes128", "-passout", "pass:word", "-in", "key.pem", "-out", "encrypted.pem")
    (folder / "text.pem").write_text("hello")
    return folder


@pytest.mark.parametrize("command", [[sys.executable, "-m", "ocireg", "serve"], CONFIGURED], ids=["ocireg", "gunicorn"])
@pytest.mark.parametrize(
    ("certificate", "key", "said"),
    [
        ("cert.pem", "other.pem", "tls_key: {}/other.pem is not the key of the certificate {}/cert.pem"),
        ("cert.pem", "encrypted.pem", "tls_key: {}/encrypted.pem is encrypted"),
        ("text.pem", "key.pem", "tls_cert: {}/text.pem holds no certificate in PEM"),
        ("key.pem", "key.pem", "tls_cert: {}/key.pem holds no certificate in PEM"),
        ("cert.pem", "text.pem", "tls_key: {}/text.pem holds no private key in PEM"),
        ("cert.pem", "nowhere.pem", "tls_key: there is no file {}/nowhere.pem"),
        ("cert.pem", "..", "tls_key: cannot read {}/.."),
    ],
)
def test_a_certificate_that_cannot_be_served_is_said_at_the_start(
    tmp_path: Path, certificates: Path, command: list[str], certificate: str, key: str, said: str
) -> None:
    done = run(
        command,
        {
            "OCIREG_DATA": str(tmp_path / "data"),
            "OCIREG_BIND": f"127.0.0.1:{free_port()}",
            "OCIREG_TLS_CERT": str(certificates / certificate),
            "OCIREG_TLS_KEY": str(certificates / key),
        },
    )
    assert done.returncode == 2
    (line,) = [one for one in done.stderr.splitlines() if "[INFO]" not in one]
    assert line.startswith("ocireg: " + said.replace("{}", str(certificates)))


@pytest.mark.parametrize("command", [[sys.executable, "-m", "ocireg", "serve"], CONFIGURED], ids=["ocireg", "gunicorn"])
def test_memory_is_not_shared_by_workers(tmp_path: Path, command: list[str]) -> None:
    variables = {"OCIREG_DATA": str(tmp_path), "OCIREG_STORAGE": "memory:", "OCIREG_BIND": f"127.0.0.1:{free_port()}"}
    done = run(command, variables)
    assert done.returncode == 2
    assert "memory of one process" in done.stderr
    assert "OCIREG_WORKERS=1" in done.stderr


@pytest.mark.parametrize(
    ("flags", "listener", "said", "unsaid"),
    [
        ({}, "http://127.0.0.1:80", ["docker push 127.0.0.1:80/IMAGE", "podman push --tls-verify=false"], "WARNING"),
        ({}, "http://127.0.0.1:80", ["Pages: http://127.0.0.1:80/\n"], "unix"),
        (
            {},
            "https://[::1]:80",
            ["docker push [::1]:80/IMAGE", "podman push IMAGE", "https://[::1]:80/"],
            "--tls-verify",
        ),
        (
            {},
            "http://127.0.0.1:80",
            ["docker login 127.0.0.1:80", "ocireg token create --user NAME --scope all"],
            "Anybody",
        ),
        ({"open": "true"}, "http://127.0.0.1:80", ["Anybody who can reach it may push"], "docker login"),
        ({}, "http://0.0.0.0:80", ["WARNING", "plain text", "--url", "docker push 127.0.0.1:80/"], "0.0.0.0:80/"),
        ({"open": "true"}, "http://0.0.0.0:80", ["WARNING", "open to everyone"], "docker login"),
        ({"url": "https://r.example"}, "http://0.0.0.0:80", ["docker push r.example/", "known as"], "WARNING"),
        ({"url": "https://r.example"}, "unix:/run/x", ["Pages: https://r.example/\n"], "WARNING"),
        ({}, "unix:/run/x", ["listens on unix:/run/x"], "Pages"),
        ({}, "unix:/run/x", ["listens on unix:/run/x"], "WARNING"),
    ],
)
def test_the_banner_says_who_can_reach_it_and_what_to_try(
    flags: dict[str, str], listener: str, said: list[str], unsaid: str
) -> None:
    shown = banner(load({}, flags, None).settings, [listener])
    assert [one for one in said if one not in shown] == []
    assert unsaid not in shown
