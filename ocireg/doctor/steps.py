"""The operations of a store, one after another: each says what it saw, and which ones it needs."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from ocireg.doctor import http
from ocireg.doctor.probe import FIRST, SECOND, SMALL, Probe
from ocireg.errors import BLOB_UNKNOWN, RegistryError
from ocireg.hashing import Hashes

PUT, GET, RANGE, UPLOAD = "store put", "store get", "store range", "store upload"
LINK, LIST, DELETE, ABORT = "store link", "store list", "store delete", "store abort"
_MIME, _DISPOSITION = "application/octet-stream", "attachment"
_BROKEN = "this store does not keep what it promises: use another, or ask its maker"


class Unexpected(Exception):  # noqa: N818 - what it is
    """The store did it, and not as it should; ``bearable`` where the registry works all the same."""

    def __init__(self, message: str, advice: str = _BROKEN, *, bearable: bool = False) -> None:
        super().__init__(message)
        self.advice = advice
        self.bearable = bearable


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its name, what it tries, how, and which ones must have gone well before."""

    check: str
    text: str
    run: Callable[[Probe], str | None]
    needs: frozenset[str] = frozenset()


def _put(probe: Probe) -> None:
    probe.put()


def _get(probe: Probe) -> None:
    _require_same(probe.storage.read(probe.key), probe.content)


def _range(probe: Probe) -> None:
    for start, stop in ((0, 1), (100, 612), (SMALL - 1, SMALL)):
        _require_same(probe.storage.read(probe.key, start, stop), probe.content[start:stop])


def _upload(probe: Probe) -> None:
    probe.upload()
    _require_same(probe.storage.read(probe.large_key), probe.large)


def _require_same(found: bytes, wanted: bytes) -> None:
    if found != wanted:
        raise Unexpected(f"{len(found)} bytes came back that are not the {len(wanted)} stored")


def _link(probe: Probe) -> str | None:
    url = probe.storage.url(probe.key, 60, _MIME, _DISPOSITION)
    if url is None:
        return "this store gives none: downloads pass through the registry"
    where = urlsplit(url).netloc.rpartition("@")[2]
    advice = f"clients that cannot reach {where} cannot pull from it either: downloads pass through the registry then"
    try:
        answer = http.ask("GET", url)
    except http.NoAnswer as error:
        raise Unexpected(f"{where}: {error}", advice, bearable=True) from error
    if answer.status != 200:
        raise Unexpected(f"{where} answers {answer.status}{_reason(answer.body)}", advice, bearable=True)
    if answer.body != probe.content:
        raise Unexpected(f"{where} answers with other bytes than were stored", advice, bearable=True)
    return f"fetched from {where}, the bytes agree"


def _reason(body: bytes) -> str:
    """Return the code and the message of an answer in XML: the rest of it may quote the signature."""
    found = [re.search(rb"<%s>([^<]{1,200})</" % tag, body) for tag in (b"Code", b"Message")]
    return "".join(f" {one[1].decode(errors='replace')}" for one in found if one)


def _list(probe: Probe) -> None:
    for key in (probe.key, probe.large_key):
        if key and key not in [found for found, _ in probe.storage.scan(key)]:
            raise Unexpected("an object that was stored is not listed")


def _delete(probe: Probe) -> None:
    probe.delete()
    for key in filter(None, (probe.key, probe.large_key)):
        _require_gone(probe, key)


def _require_gone(probe: Probe, key: str) -> None:
    try:
        probe.storage.read(key, 0, 1)
    except RegistryError as error:
        if error.error is BLOB_UNKNOWN:
            return
        raise
    raise Unexpected("an object that was deleted is still there")


def _abort(probe: Probe) -> None:
    stored = probe.append(probe.begin(), probe.large[:SECOND], Hashes.begin([]))
    probe.abort(stored)
    key = probe.storage.resume(stored).key
    _require_gone(probe, key)
    if key in [session.key for session, _ in probe.storage.scan_uploads()]:
        raise Unexpected("an upload that was given up has left something")


STEPS = (
    Step(PUT, f"{SMALL:,} bytes stored", _put),
    Step(GET, "the same bytes read back", _get, frozenset({PUT})),
    Step(RANGE, "some of them read back", _range, frozenset({PUT})),
    Step(UPLOAD, f"{FIRST + SECOND:,} bytes uploaded in two requests, read back", _upload, frozenset({PUT})),
    Step(LINK, "a link for a download, fetched from here", _link, frozenset({PUT})),
    Step(LIST, "what was stored is listed", _list, frozenset({PUT})),
    Step(DELETE, "what was stored is removed", _delete, frozenset({PUT})),
    Step(ABORT, "an upload given up leaves nothing", _abort, frozenset({UPLOAD})),
)
