"""Digests whose state another process can take over."""

import base64
import hashlib
import subprocess
import sys
import tracemalloc

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ocireg import hashing
from ocireg.hashing import Hashes, libcrypto

DATA = bytes(range(256)) * 1000


@given(st.lists(st.binary(max_size=300), max_size=12))
def test_a_state_that_goes_on_after_each_piece_ends_at_the_digest_of_the_whole(pieces: list[bytes]) -> None:
    hashes = Hashes.begin(["sha256", "sha512"])
    for piece in pieces:
        hashes.update(piece)
        hashes = Hashes.load(hashes.dump())
    for algorithm in ("sha256", "sha512"):
        assert hashes.hexdigest(algorithm) == hashlib.new(algorithm, b"".join(pieces)).hexdigest()


def test_a_state_goes_on_in_another_process() -> None:
    hashes = Hashes.begin(["sha256"])
    hashes.update(DATA[:12345])
    code = (
        "import json, sys; from ocireg.hashing import Hashes; h = Hashes.load(json.loads(sys.argv[1]));"
        "h.update(sys.stdin.buffer.read()); print(h.hexdigest('sha256'), end='')"
    )
    text = hashes.dump()
    command = [sys.executable, "-c", code, str(text).replace("'", '"')]
    done = subprocess.run(command, input=DATA[12345:], stdout=subprocess.PIPE, check=True)
    assert done.stdout.decode() == hashlib.sha256(DATA).hexdigest()


@pytest.mark.parametrize("kind", [bytes, bytearray, memoryview, lambda data: memoryview(bytearray(data))])
def test_any_kind_of_bytes_is_hashed(kind: type[bytes]) -> None:
    hashes = Hashes.begin(["sha256"])
    hashes.update(kind(DATA))
    hashes.update(kind(b""))
    assert hashes.hexdigest("sha256") == hashlib.sha256(DATA).hexdigest()


def test_an_algorithm_that_was_not_announced_is_not_known() -> None:
    assert Hashes.begin(["sha256"]).hexdigest("sha512") is None


def _packed(state: bytes) -> str:
    return f"{sys.byteorder}:{base64.b64encode(state).decode()}"


STATE = base64.b64decode(Hashes.begin(["sha256"]).dump().get("sha256", ":").partition(":")[2])


@pytest.mark.parametrize(
    "stored",
    [
        {"sha256": ""},
        {"sha256": "little"},
        {"sha256": "middle:" + _packed(STATE).partition(":")[2]},
        {"sha256": _packed(STATE[:-1])},
        {"sha256": _packed(STATE + b"\0")},
        {"sha256": _packed(STATE[:-8] + b"\xff" * 4 + STATE[-4:])},
        {"sha256": _packed(STATE[:-8] + (64).to_bytes(4, sys.byteorder) + STATE[-4:])},
        {"sha256": _packed(STATE[:-4] + b"\0\0\0\0")},
        {"sha256": _packed(b"")},
        {"sha256": f"{sys.byteorder}:not base64!"},
        {"md5": _packed(STATE)},
    ],
)
def test_what_is_no_state_is_not_loaded(stored: dict[str, str]) -> None:
    assert Hashes.load(stored).hexdigest(next(iter(stored))) is None


def test_without_libcrypto_one_request_is_hashed_and_a_later_one_is_read_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hashing, "libcrypto", lambda: None)
    hashes = Hashes.begin(["sha256"])
    hashes.update(DATA)
    assert hashes.hexdigest("sha256") == hashlib.sha256(DATA).hexdigest()
    assert hashes.dump() == {}
    assert Hashes.load({"sha256": _packed(STATE)}).hexdigest("sha256") is None


@pytest.mark.skipif(libcrypto() is None, reason="no libcrypto can be reached here")
def test_hashing_copies_nothing() -> None:
    buffer = memoryview(bytearray(8 * 2**20))
    hashes = Hashes.begin(["sha256"])
    tracemalloc.start()
    hashes.update(buffer)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 2**20
