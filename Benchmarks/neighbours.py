"""What the rest of the machine takes of the measured CPUs while somebody is measured."""

from __future__ import annotations

import os
from pathlib import Path

# Of /proc/stat's columns: user, nice, system, irq, softirq and what a host gave to others.
_BUSY = (1, 2, 3, 6, 7, 8)
_TICKS = os.sysconf("SC_CLK_TCK")


class Neighbours:
    """Adds up over many measurements: a single one is as short as a few of the clock's ticks."""

    def __init__(self) -> None:
        self._taken = 0.0
        self._passed = 0.0

    @property
    def share(self) -> float:
        """CPUs that others kept busy, on average: 0.2 is a fifth of one."""
        return max(0.0, self._taken / self._passed) if self._passed > 0 else 0.0

    def add(self, before: Moment, after: Moment) -> None:
        """Count the time between two moments."""
        self._passed += after.uptime - before.uptime
        self._taken += (after.busy - before.busy) - (after.own - before.own)


class Moment:
    """Seconds of CPU that the machine and one process have used until now."""

    def __init__(self, process: int) -> None:
        names = {f"cpu{number}" for number in os.sched_getaffinity(0)}
        rows = [line.split() for line in Path("/proc/stat").read_text().splitlines()]
        self.busy = sum(
            sum(int(row[column]) for column in _BUSY) for row in rows if row[0] in names
        ) / _TICKS
        # The name, in parentheses, may hold anything.
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        self.own = (int(fields[11]) + int(fields[12])) / _TICKS
        self.uptime = float(Path("/proc/uptime").read_text().split()[0])
