"""The config of an image, from bytes that nobody vouches for (OCI image v1.1, config.md).

Any field may be of any type: what is odd is left out. Only bytes that are no object of JSON are refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from ocireg.oci import document
from ocireg.oci.lenient import list_of, map_of, names_of, pairs_of, text_of, texts_of, time_of
from ocireg.oci.platform import Platform

LARGEST = 4 * 1024 * 1024
"""Bytes; a larger one is not read."""
_NANOSECONDS = 10**9


@dataclass(frozen=True, slots=True)
class History:
    """A step of how an image was made; ``created`` in seconds since the epoch, UTC.

    ``empty_layer``: it made no layer.
    """

    created: float | None = None
    created_by: str = ""
    comment: str = ""
    author: str = ""
    empty_layer: bool = False


@dataclass(frozen=True, slots=True)
class Healthcheck:
    """How it is seen whether a container is well (Docker's); durations in seconds, None where nothing is said."""

    test: tuple[str, ...]
    interval: float | None = None
    timeout: float | None = None
    start_period: float | None = None
    retries: int | None = None


@dataclass(frozen=True, slots=True)
class ImageConfig:
    """What an image says of itself; ``created`` in seconds since the epoch, UTC. Texts are fit to be shown.

    ``entrypoint`` and ``cmd`` are None where they are not there, which is another thing than empty.
    """

    created: float | None = None
    author: str = ""
    platform: Platform | None = None
    user: str = ""
    ports: tuple[str, ...] = ()
    env: tuple[str, ...] = ()
    entrypoint: tuple[str, ...] | None = None
    cmd: tuple[str, ...] | None = None
    working_dir: str = ""
    volumes: tuple[str, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    stop_signal: str = ""
    healthcheck: Healthcheck | None = None
    history: tuple[History, ...] = ()

    @property
    def variables(self) -> tuple[tuple[str, str], ...]:
        """The names and values of ``env``."""
        return tuple((name, value) for name, _, value in (one.partition("=") for one in self.env))


def parse(raw: bytes) -> ImageConfig:
    """Return what the bytes say. ``InvalidManifest`` where they are no object of JSON."""
    body = document.decode(raw)
    run = map_of(body.get("config"))
    return ImageConfig(
        created=time_of(body.get("created")),
        author=text_of(body.get("author")),
        platform=Platform.parse(body),
        user=text_of(run.get("User")),
        ports=names_of(run.get("ExposedPorts")),
        env=texts_of(run.get("Env")),
        entrypoint=_command(run.get("Entrypoint")),
        cmd=_command(run.get("Cmd")),
        working_dir=text_of(run.get("WorkingDir")),
        volumes=names_of(run.get("Volumes")),
        labels=pairs_of(run.get("Labels")),
        stop_signal=text_of(run.get("StopSignal")),
        healthcheck=_healthcheck(run.get("Healthcheck")),
        history=tuple(_history(one) for one in list_of(body.get("history"))),
    )


def _command(value: object) -> tuple[str, ...] | None:
    """Return the words of a command; a text, as some tools write it, is one word."""
    if isinstance(value, str):
        return (text_of(value),)
    return texts_of(value) if isinstance(value, list) else None


def _healthcheck(value: object) -> Healthcheck | None:
    said = map_of(value)
    test = _command(said.get("Test"))
    if not test:
        return None
    interval, timeout, start_period = (_seconds(said.get(name)) for name in ("Interval", "Timeout", "StartPeriod"))
    return Healthcheck(test, interval, timeout, start_period, _count(said.get("Retries")))


def _count(value: object) -> int | None:
    return value if type(value) is int and 0 < value < 2**31 else None


def _seconds(value: object) -> float | None:
    return value / _NANOSECONDS if type(value) is int and 0 < value < 2**63 else None


def _history(value: object) -> History:
    """Return a step; of what is none one that says nothing, since its place counts."""
    said: Mapping[str, Any] = map_of(value)
    return History(
        created=time_of(said.get("created")),
        created_by=text_of(said.get("created_by")),
        comment=text_of(said.get("comment")),
        author=text_of(said.get("author")),
        empty_layer=said.get("empty_layer") is True,
    )
