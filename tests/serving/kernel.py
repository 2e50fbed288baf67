"""What the kernel knows of the server's end of a connection."""

from pathlib import Path

from tests.faults.wire import Wire


def held(wire: Wire) -> bool:
    """Say whether the server has taken the connection in, and has not closed it yet."""
    return any(row[9] != "0" for row in _rows(wire))  # the inode


def unread(wire: Wire) -> int:
    """Count the bytes that came and that the server has not read yet."""
    return sum(int(row[4].partition(":")[2], 16) for row in _rows(wire))


def _rows(wire: Wire) -> list[list[str]]:
    ours, theirs = wire.socket.getsockname()[1], int(wire.address.rpartition(":")[2])
    return [row for row in _table() if (_port(row[1]), _port(row[2])) == (theirs, ours)]


def _table() -> list[list[str]]:
    return [line.split() for line in Path("/proc/net/tcp").read_text().splitlines()[1:]]


def _port(address: str) -> int:
    return int(address.partition(":")[2], 16)
