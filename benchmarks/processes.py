"""CPU and memory of process trees, as Linux counts them."""

import os
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

_PROC = Path("/proc")
_TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def tree(root: int) -> Iterator[int]:
    """A process and its descendants that live now."""
    waiting = [root]
    while waiting:
        process = waiting.pop()
        yield process
        with suppress(FileNotFoundError, ProcessLookupError):
            for task in (_PROC / str(process) / "task").iterdir():
                waiting += map(int, (task / "children").read_text().split())


def cpu_seconds(root: int) -> float:
    """CPU time of a tree, with that of descendants that have ended and been waited for."""
    return sum(_seconds(process) for process in tree(root))


def machine_cpu_seconds() -> float:
    """CPU time that all programs of the machine have used, and what a host took away (steal)."""
    fields = (_PROC / "stat").read_text().splitlines()[0].split()[1:]
    user, nice, system, _idle, _waiting, irq, soft_irq, steal = map(int, fields[:8])
    return (user + nice + system + irq + soft_irq + steal) / _TICKS_PER_SECOND


def memory_mib(root: int) -> float:
    """Proportional set size of a tree in MiB: shared pages count in part."""
    kib = 0
    for process in tree(root):
        with suppress(FileNotFoundError, ProcessLookupError):
            for line in (_PROC / str(process) / "smaps_rollup").read_text().splitlines():
                if line.startswith("Pss:"):
                    kib += int(line.split()[1])
    return kib / 1024


def postmaster() -> int:
    """The PostgreSQL server that this process started.

    Raises:
        LookupError: there is none.
    """
    for process in tree(os.getpid()):
        with suppress(FileNotFoundError):
            if (_PROC / str(process) / "comm").read_text().strip() == "postgres":
                return process
    raise LookupError("This process has started no PostgreSQL server.")


def _seconds(process: int) -> float:
    """CPU time of a process and of its children that have ended.

    A clock tick is 10 ms, too coarse where the work is spread over many processes; the
    scheduler counts nanoseconds, but of each thread for itself, and forgets those that ended.
    """
    home = _PROC / str(process)
    try:
        # After the name: state is field 3; utime, stime, cutime and cstime are 14 to 17.
        fields = (home / "stat").read_text().rpartition(")")[2].split()
        own = sum(map(int, fields[11:13])) / _TICKS_PER_SECOND
        ended = sum(map(int, fields[13:15])) / _TICKS_PER_SECOND
        has_one_thread = fields[17] == "1"
        if has_one_thread:
            own = int((home / "schedstat").read_text().split()[0]) / 1e9
    except (FileNotFoundError, ProcessLookupError):
        return 0.0
    return own + ended
