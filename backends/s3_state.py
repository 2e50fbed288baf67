"""What an upload session of the S3 driver holds: the multipart upload, its parts, and the tail that is none yet."""

from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType

from backends.base import Json, Session
from backends.errors import SessionLost


@dataclass(frozen=True, slots=True)
class SentPart:
    """A part in the store: the ETag that fences it (who overwrites it changes that), and its size in bytes."""

    etag: str
    size: int


@dataclass(frozen=True, slots=True)
class State:
    """The state of a session; ``Session.state`` is this as JSON.

    ``upload``: the id of the multipart upload; none before the first byte. ``parts``: the parts, numbered from 1; where
    there is a ``tail``, the last of them is too small to stay, and ``tail`` names the side object with its bytes.
    ``stale``: objects that only the former value of the session needed.
    """

    upload: str = ""
    parts: tuple[SentPart, ...] = ()
    tail: str = ""
    stale: tuple[str, ...] = ()

    @property
    def whole(self) -> tuple[SentPart, ...]:
        """The parts that stay."""
        return self.parts[:-1] if self.tail else self.parts

    @property
    def tail_size(self) -> int:
        """Bytes of the tail."""
        return self.parts[-1].size if self.tail else 0

    @property
    def size(self) -> int:
        """Bytes in all."""
        return sum(part.size for part in self.parts)

    @classmethod
    def of(cls, session: Session) -> "State":
        """Read it. ``SessionLost`` if the session is none of this driver."""
        try:
            state = session.state
            found = cls(
                _text(state["upload"]),
                tuple(SentPart(_text(etag), _size(size)) for etag, size in _rows(state["parts"])),
                _text(state["tail"]),
                tuple(_text(one) for one in _row(state["stale"])),
            )
        except (KeyError, TypeError, ValueError) as error:
            raise SessionLost("not a session of this driver") from error
        if found.size != session.size:
            raise SessionLost("not a session of this driver")
        return found

    def session(self, key: str) -> Session:
        """Return the session with this state."""
        parts: list[Json] = [[part.etag, part.size] for part in self.parts]
        state: dict[str, Json] = {"upload": self.upload, "parts": parts, "tail": self.tail, "stale": list(self.stale)}
        return Session(key, self.size, MappingProxyType(state))


def _text(value: Json) -> str:
    if not isinstance(value, str):
        raise TypeError
    return value


def _size(value: Json) -> int:
    if type(value) is not int or value < 0:
        raise TypeError
    return value


def _row(value: Json) -> list[Json]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _rows(value: Json) -> Iterable[list[Json]]:
    return (_row(one) for one in _row(value))
