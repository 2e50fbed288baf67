"""The URL of the store, with what other settings say of it."""

from pathlib import Path

import pytest

from backends import load as load_driver
from backends.urls import Place
from ocireg.config import load
from ocireg.config.stores import OPTIONS
from ocireg.registry.disk import DiskGuard
from tests.settings import settings_for

KNOWN = set(OPTIONS["s3"]) | set(OPTIONS["gs"])


def options(tmp_path: Path, **settings: object) -> dict[str, str]:
    return dict(Place.parse(settings_for(tmp_path, **settings).storage_url, KNOWN).options)


def test_a_folder_has_no_options(tmp_path: Path) -> None:
    assert settings_for(tmp_path, s3_region="x").storage_url == f"file:{tmp_path}/data/storage"


@pytest.mark.parametrize(
    ("url", "folder"),
    [
        ("file:~/x", "home/x"),
        ("file://~/x", "home/x"),
        ("file:~", "home"),
        ("file:{}/x", "x"),
        ("file://{}/x", "x"),
        ("file:///{}/x", "x"),
        ("file:{}/what?no=query", "what?no=query"),
    ],
)
def test_driver_and_disk_guard_mean_the_same_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, folder: str
) -> None:
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    made = settings_for(tmp_path, storage=url.format(tmp_path))
    load_driver(made.storage_url)
    assert (tmp_path / folder / "objects").is_dir()
    assert DiskGuard.for_settings(made).folders == (made.data, tmp_path / folder)


def test_settings_become_options_of_a_bucket(tmp_path: Path) -> None:
    found = options(tmp_path, storage="s3://images/a", s3_endpoint="http://127.0.0.1:8333", storage_buffer="64MiB")
    assert found == {"endpoint": "http://127.0.0.1:8333", "buffer": "67108864", "spool": "8589934592"}


def test_the_url_is_above_the_settings(tmp_path: Path) -> None:
    found = options(
        tmp_path, storage="s3://images?region=here&buffer=32MiB&spool=9GiB", s3_region="there", gcs_endpoint="http://x"
    )
    assert found == {"region": "here", "buffer": "32MiB", "spool": "9GiB"}


def test_a_key_with_any_characters_arrives_whole(tmp_path: Path) -> None:
    key = '{"private_key": "-----BEGIN\\nab+c/d==&x=%20\\n-----END"}'
    assert options(tmp_path, storage="gs://images", gcs_credentials=key)["credentials"] == key


@pytest.mark.parametrize(("scheme", "prefix"), [("s3", "s3_"), ("gs", "gcs_")])
def test_every_setting_of_a_store_is_one_of_its_options(scheme: str, prefix: str) -> None:
    names = {name for name in load({}, {}, None).origins if name.startswith(prefix)}
    assert names == set(OPTIONS[scheme].values()) - {"storage_buffer"}
