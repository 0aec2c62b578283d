"""What a refresh may use of the machine: threads, memory, and a place for tables that do not fit into memory.

Chosen from the machine, so that whoever reads the current version meanwhile has a processor and memory left; the workspace may
say otherwise (``machine`` in workledger.yaml). It decides how long a refresh takes, never what it says.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orchestration.settings import Machine

CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")
#: Of two cores both: with one alone a refresh would take nearly twice as long.
FEW_CORES = 2
MIB = 1 << 20


@dataclass(frozen=True)
class Share:
    """Threads, memory as DuckDB writes it, and the folder for what does not fit (None: beside what is built)."""

    threads: int
    memory: str
    temp_folder: Path | None = None

    def settings(self, beside: Path) -> dict[str, str]:
        """As settings of DuckDB, for work on files in ``beside``."""
        spill = self.temp_folder or beside / "spill"
        return {"threads": str(self.threads), "memory_limit": self.memory, "temp_directory": str(spill)}


def share_of(machine: Machine) -> Share:
    """What the workspace says, else all cores but one, where there are more than two, and four fifths of the memory."""
    cores = _cores()
    threads = machine.threads or (cores if cores <= FEW_CORES else cores - 1)
    memory = machine.memory or f"{_memory_bytes() * 4 // 5 // MIB}MiB"
    return Share(threads, memory, Path(machine.temp_folder).expanduser() if machine.temp_folder else None)


def _cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _memory_bytes() -> int:
    """Memory of the machine, or of the container that this runs in."""
    physical = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    told = CGROUP_LIMIT.read_text().strip() if CGROUP_LIMIT.is_file() else ""
    return min(physical, int(told)) if told.isdigit() else physical
