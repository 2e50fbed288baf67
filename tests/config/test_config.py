"""Settings: where they come from, and what is said of those that cannot be used."""

import tomllib
from pathlib import Path

import pytest

from ocireg.config import ConfigurationError, load
from ocireg.config.settings import TABLE
from ocireg.config.sources import masked

ROOT = Path(__file__).parents[2]


def test_the_defaults_need_nothing() -> None:
    loaded = load({}, {}, None)
    assert loaded.settings.bind == "127.0.0.1:8000"
    assert loaded.settings.storage_url == f"file:{Path('data').absolute() / 'storage'}"
    assert loaded.settings.database_path == Path("data").absolute() / "ocireg.db"
    assert loaded.settings.upload_thread_count == 24
    assert set(loaded.origins.values()) == {"default"}


def test_flags_go_above_the_environment_above_the_file_above_the_default(tmp_path: Path) -> None:
    file = tmp_path / "ocireg.toml"
    file.write_text('workers = 3\nthreads = 5\nlog_level = "debug"\nopen = true\n')
    environ = {"OCIREG_CONFIG": str(file), "OCIREG_THREADS": "6", "OCIREG_LOG_LEVEL": "error"}
    loaded = load(environ, {"log_level": "warning"}, None)
    found = loaded.settings
    assert (found.workers, found.threads, found.log_level, found.open) == (3, 6, "warning", True)
    assert loaded.origins["workers"] == str(file)
    assert loaded.origins["threads"] == "OCIREG_THREADS"
    assert loaded.origins["log_level"] == "flag --log-level"
    other = tmp_path / "other.toml"
    other.write_text("workers = 9")
    assert load(environ, {}, other).settings.workers == 9


@pytest.mark.parametrize(
    ("environ", "bind"),
    [
        ({"PORT": "5000"}, "0.0.0.0:5000"),
        ({"PORT": "5000", "OCIREG_BIND": "127.0.0.1:1"}, "127.0.0.1:1"),
        ({"PORT": ""}, "127.0.0.1:8000"),
        ({"OCIREG_BIND": "[::1]:8000"}, "[::1]:8000"),
    ],
)
def test_the_port_of_a_platform_is_read(environ: dict[str, str], bind: str) -> None:
    assert load(environ, {}, None).settings.bind == bind


@pytest.mark.parametrize("port", ["abc", "65536", "-1", "80 ", "99999999999"])
def test_a_port_of_a_platform_that_is_none_is_named(port: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^PORT = '{port}'"):
        load({"PORT": port}, {}, None)


def test_a_port_that_is_too_large_is_said_to_be() -> None:
    with pytest.raises(ConfigurationError, match="the port 65536 is above 65535"):
        load({"OCIREG_BIND": "127.0.0.1:65536"}, {}, None)


def test_the_database_of_a_platform_that_is_postgres_can_be_set_aside() -> None:
    environ = {"DATABASE_URL": "postgres://user:secret@host/db"}
    with pytest.raises(ConfigurationError, match=r"DATABASE_URL.*PostgreSQL is not supported"):
        load(environ, {}, None)
    aside = load(environ | {"OCIREG_DATABASE": ""}, {}, None).settings
    assert aside.database_path == Path("data").absolute() / "ocireg.db"


def test_the_database_of_a_platform_is_read() -> None:
    assert load({"DATABASE_URL": "sqlite:/x/y.db"}, {}, None).settings.database_path == Path("/x/y.db")
    environ = {"DATABASE_URL": "sqlite:/x/y.db", "OCIREG_DATABASE": "sqlite:///z.db"}
    assert load(environ, {}, None).settings.database_path == Path("/z.db")


@pytest.mark.parametrize(
    ("text", "size"),
    [("0", 0), ("512", 512), ("4MiB", 4 * 2**20), ("4 MB", 4_000_000), ("1.5GiB", 3 * 2**29), ("2tb", 2 * 10**12)],
)
def test_sizes_take_units(text: str, size: int) -> None:
    assert load({"OCIREG_LOW_WATER": text}, {}, None).settings.low_water == size


@pytest.mark.parametrize(
    ("text", "seconds"), [("90", 90), ("90s", 90), ("1.5m", 90), ("24h", 86400), ("7d", 604800), ("0.5", 0.5)]
)
def test_durations_take_units(text: str, seconds: float) -> None:
    assert load({"OCIREG_UPLOAD_EXPIRY": text}, {}, None).settings.upload_expiry == seconds


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("workers", "0"),
        ("workers", "-1"),
        ("workers", "two"),
        ("workers", "1.5"),
        ("threads", "9999999999"),
        ("client_timeout", "0"),
        ("client_timeout", "soon"),
        ("client_timeout", "1e9"),
        ("client_timeout", "inf"),
        ("manifest_limit", "4 apples"),
        ("manifest_limit", "-4"),
        ("open", "maybe"),
        ("bind", "8000"),
        ("bind", "host"),
        ("bind", "127.0.0.1:99999"),
        ("bind", "::1:8000"),
        ("bind", ":8000"),
        ("data", ""),
        ("manifest_limit", "0"),
        ("blob_limit", "0"),
        ("storage", "memory"),
        ("storage", "file:relative"),
        ("storage", "file:"),
        ("storage", "file://relative/x"),
        ("database", "sqlite:"),
        ("database", "sqlite:/"),
        ("url", "registry.example.com"),
        ("url", "ftp://registry.example.com"),
        ("url", "https://example.com/path"),
        ("storage", "/just/a/path"),
        ("redirect", "sometimes"),
        ("redirect_expires", "0.5"),
        ("redirect_expires", "61m"),
        ("redirect_url", "cdn.example.com"),
        ("redirect_url", "ftp://cdn.example.com"),
        ("redirect_url", "https://user:secret@cdn.example.com"),
        ("redirect_url", "https://cdn.example.com/?a=b"),
        ("redirect_url", "https://cdn.example.com/#a"),
        ("redirect_url", "https://cdn.example.com:99999"),
        ("redirect_url", "https://cdn.example.com/a b"),
        ("redirect_url", "https://cdn.example.com/é"),
        ("redirect_except", "10.0.0.1/8"),
        ("redirect_except", "10.0.0.0/8 10.0.0.1"),
        ("redirect_except", "localhost"),
        ("oidc_issuers", "gitlab.example.com"),
        ("oidc_issuers", "http://gitlab.example.com"),
        ("oidc_issuers", "https://user:secret@gitlab.example.com"),
        ("oidc_networks", "10.1.2.3/24"),
        ("database", "mysql://x"),
        ("storage", "file://"),
        ("storage", "file:///"),
        ("storage", "file:~nobody-of-this-name/x"),
        ("data", "~nobody-of-this-name/x"),
        ("database", "postgres://user:secret@host/db"),
        ("database", "sqlite://"),
        ("database", "sqlite:///"),
        ("database", "sqlite::memory:"),
        ("database", "sqlite://:memory:"),
        ("database", "sqlite:///:memory:"),
        ("log_level", "loud"),
    ],
)
def test_a_value_that_cannot_be_used_is_named_with_its_source_in_one_line(name: str, text: str) -> None:
    variable = f"OCIREG_{name.upper()}"
    with pytest.raises(ConfigurationError) as caught:
        load({variable: text}, {}, None)
    said = str(caught.value)
    assert name in said
    assert variable in said
    assert "\n" not in said
    assert "secret" not in said


@pytest.mark.parametrize(
    ("environ", "hint"),
    [
        ({"OCIREG_WORKER": "1"}, "OCIREG_WORKERS"),
        ({"OCIREG_DATABSE": "x"}, "OCIREG_DATABASE"),
        ({"OCIREG_": ""}, "no variable"),
    ],
)
def test_a_misspelt_variable_is_an_error_that_knows_better(environ: dict[str, str], hint: str) -> None:
    with pytest.raises(ConfigurationError, match=hint):
        load(environ, {}, None)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"worker = 1", "did you mean workers"),
        (b"workers = [1]", "workers"),
        (b"workers = 'x'", "workers"),
        (b"workers", "not TOML"),
        (b"\xff\xfe", "not TOML"),
        (b"[storage]\nurl = 'x'", "storage"),
        (b"data = 5", "data = 5: wanted a string"),
        (b"bind = 8000", "bind = 8000: wanted a string"),
        (b"workers = true", "workers"),
        (b"open = 1", "open = 1: wanted true or false"),
    ],
)
def test_a_file_that_cannot_be_used_is_named(tmp_path: Path, content: bytes, said: str) -> None:
    file = tmp_path / "ocireg.toml"
    file.write_bytes(content)
    with pytest.raises(ConfigurationError, match=said) as caught:
        load({}, {}, file)
    assert str(file) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="cannot read the configuration"):
        load({"OCIREG_CONFIG": str(tmp_path / "none.toml")}, {}, None)


@pytest.mark.parametrize(
    "flags", [{"tls_cert": "/x"}, {"tls_key": "/x"}, {"threads": "4", "upload_threads": "5"}], ids=str
)
def test_settings_that_do_not_go_together_are_refused(flags: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError):
        load({}, flags, None)


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("s3://key:secret@host/bucket", "s3://key:***@host/bucket"),
        ("s3://key@host/bucket", "s3://key@host/bucket"),
        ("https://host/a@b", "https://host/a@b"),
        ("file:/folder", "file:/folder"),
        ("no url", "no url"),
    ],
)
def test_a_password_in_a_url_is_not_shown(text: str, shown: str) -> None:
    assert masked(text) == shown


def test_the_example_names_every_setting_with_its_default_and_loads(tmp_path: Path) -> None:
    example = (ROOT / "conf" / "ocireg.toml").read_text()
    lines = [line.removeprefix("# ") for line in example.splitlines() if " = " in line]
    named = tomllib.loads("\n".join(lines))
    assert list(named) == [row.name for row in TABLE]
    file = tmp_path / "all.toml"
    file.write_text("\n".join(lines))
    assert load({}, {}, file).settings == load({}, {}, None).settings


@pytest.mark.parametrize("name", ["s3", "minio", "r2", "gcs"])
def test_the_example_of_a_bucket_loads(name: str) -> None:
    loaded = load({}, {}, ROOT / "conf" / f"{name}.toml")
    assert loaded.settings.storage_url.startswith(("s3://my-images", "gs://my-images"))
