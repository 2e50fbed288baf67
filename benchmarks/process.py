"""What a process has used, as the kernel counts it."""

import os
from pathlib import Path


def cpu_seconds(pid: int) -> float:
    """Return user and system time of a process, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid: int, *, peak: bool = False) -> int:
    """Return the resident set of a process, or its largest so far."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:" if peak else "VmRSS:")[2].split()[0]) * 1024


def tree_bytes(pid: int) -> int:
    """Return what a process and its children hold of the machine's memory; what they share is counted once."""
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return sum(_proportional(one) for one in [pid, *map(int, children)])


def _proportional(pid: int) -> int:
    rollup = Path(f"/proc/{pid}/smaps_rollup").read_text()
    return int(rollup.partition("\nPss:")[2].split()[0]) * 1024
