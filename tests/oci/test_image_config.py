"""Configs of images: whatever is in them, what is odd is left out (OCI image v1.1, config.md)."""

import json
from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocireg.oci import chart
from ocireg.oci.errors import InvalidManifest
from ocireg.oci.image_config import History, ImageConfig, parse
from ocireg.oci.lenient import LONGEST, MOST, time_of
from ocireg.oci.platform import Platform
from tests.oci.test_document import values

ODD: list[object] = [None, True, 7, -1.5, 10**300, "text", [], {}, [[]], [{}], {"a": {}}, ["a", 7, None], {"a": 7}]
TOP = ("created", "author", "os", "architecture", "variant", "os.version", "config", "history")
RUN = ("User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "WorkingDir", "Volumes", "Labels", "StopSignal")
NAMES = (*TOP, *(f"config.{one}" for one in (*RUN, "Healthcheck")), "history.0", "config.Healthcheck.Test")


def parsed(body: object) -> ImageConfig:
    return parse(json.dumps(body).encode())


def nested(name: str, value: object) -> object:
    """Return a document that has a value where the name says."""
    first, _, rest = name.partition(".") if not name.startswith("os") else (name, "", "")
    inside = nested(rest, value) if rest else value
    return [inside] if first == "0" else {first: inside}


def fit(value: Any) -> bool:
    """Say whether all texts of a value can be shown."""
    if isinstance(value, str):
        return len(value) <= LONGEST and all(one.isprintable() or one in "\n\t" for one in value)
    if isinstance(value, dict):
        return all(fit(one) for pair in value.items() for one in pair)
    return all(map(fit, value)) if isinstance(value, list | tuple) else True


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", ODD, ids=repr)
def test_any_field_may_be_of_any_type(name: str, value: object) -> None:
    found = parsed(nested(name, value))
    assert fit(asdict(found))


@given(st.dictionaries(st.sampled_from(TOP), values | st.dictionaries(st.sampled_from(RUN), values)))
def test_whatever_a_config_is_it_is_read(body: object) -> None:
    assert fit(asdict(parsed(body)))


@given(st.binary(max_size=200) | values.map(lambda one: json.dumps(one).encode()))
def test_bytes_are_a_config_and_a_chart_or_refused_as_no_object_of_json(raw: bytes) -> None:
    for read in (parse, chart.parse):
        try:
            assert fit(asdict(read(raw)))
        except InvalidManifest:
            continue


@pytest.mark.parametrize(
    ("run", "field", "wanted"),
    [
        ({"Entrypoint": "/bin/sh -c x"}, "entrypoint", ("/bin/sh -c x",)),
        ({"Entrypoint": []}, "entrypoint", ()),
        ({"Entrypoint": None}, "entrypoint", None),
        ({"Entrypoint": {"0": "sh"}}, "entrypoint", None),
        ({"Cmd": ["a", 1, "b"]}, "cmd", ("a", "b")),
        ({"Env": ["A=1", ["B=2"], "C"]}, "env", ("A=1", "C")),
        ({"Env": {"A": "1"}}, "env", ()),
        ({"ExposedPorts": ["80/tcp"]}, "ports", ()),
        ({"ExposedPorts": {"80/tcp": 7, "81": None}}, "ports", ("80/tcp", "81")),
        ({"Labels": {"a": "b", "c": 1, "d": None}}, "labels", {"a": "b"}),
        ({"Labels": [["a", "b"]]}, "labels", {}),
        ({"User": 0}, "user", ""),
        ({"User": "a\u202eb\0c\x1b[31m"}, "user", "abc[31m"),
        ({"WorkingDir": "x" * (LONGEST + 9)}, "working_dir", "x" * (LONGEST - 1) + "…"),
        ({"Healthcheck": {"Test": []}}, "healthcheck", None),
        ({"Healthcheck": ["CMD"]}, "healthcheck", None),
    ],
    ids=repr,
)
def test_what_is_odd_is_left_out(run: object, field: str, wanted: object) -> None:
    assert getattr(parsed({"config": run}), field) == wanted


def test_lists_are_bounded() -> None:
    many = {str(one): "x" for one in range(MOST + 5)}
    found = parsed({"config": {"Env": list(many), "Labels": many, "Volumes": many}})
    assert (len(found.env), len(found.labels), len(found.volumes)) == (MOST, MOST, MOST)


def test_a_step_of_a_history_keeps_its_place_whatever_it_is() -> None:
    assert parsed({"history": [None, {"empty_layer": 1}, {"empty_layer": True}]}).history == (
        History(),
        History(),
        History(empty_layer=True),
    )


@pytest.mark.parametrize(
    ("written", "seconds"),
    [
        ("1970-01-01T00:00:00Z", 0.0),
        ("2026-05-01T12:00:00+02:00", 1777629600.0),
        ("2026-05-01T10:00:00.123456789Z", 1777629600.123456),
        ("2026-05-01T10:00:00", 1777629600.0),
        ("0001-01-01T00:00:00Z", None),
        ("0001-01-01T00:00:00+23:00", None),
        ("9999-12-31T23:59:59-23:00", None),
        ("yesterday", None),
        ("2026-05-01T10:00:00Z" + " " * 50, None),
        (1777629600, None),
        (None, None),
    ],
)
def test_times_are_of_this_era_or_none(written: object, seconds: float | None) -> None:
    assert time_of(written) == seconds


@pytest.mark.parametrize(
    ("platform", "written"),
    [
        (Platform("linux", "amd64"), "linux/amd64"),
        (Platform("linux", "arm", "v7"), "linux/arm/v7"),
        (Platform("linux", ""), "linux/unknown"),
        (Platform("", "amd64"), "unknown/amd64"),
    ],
)
def test_a_platform_is_written_as_clients_take_it(platform: Platform, written: str) -> None:
    assert str(platform) == written
