"""The faults: each disturbs a refresh, yields what ``workledger verify`` has to name (None: nothing), and mends what it broke."""

from __future__ import annotations

import os
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

from tests.faults.failpoints import die_at, full_from, on_copy, on_touch, shift_clock
from tests.faults.organisation import AS_OF
from tests.faults.processes import Command, Ended, schedule_tick

LARGE = 1 << 29
#: What a refresh found recorded: one that was disturbed after it recorded its release and gaps leaves these to the next.
RECORDED = (
    "workspace.gap_spells",
    "workspace.released_units",
    "workspace.released_contributions",
    "releases.release_units.is_new",
    "releases.release_told_contributions.is_new",
)
#: Figures that managers were shown while an export was missing or not whole: they stay until they are restated.
SHOWN = (
    "marts.mart_released_capacity__team_week",
    "marts.mart_released_completion__team_week",
    "marts.mart_released_utilisation__team_week",
    "releases.release_changes",
    "releases.release_figures",
    "releases.release_told_contributions",
)
#: A tick speaks of today: it shows managers all periods until then.
SHOWN_UNTIL_TODAY = (
    *SHOWN,
    "marts.dim_releases",
    "marts.mart_released_utilisation__team_month",
    "releases.release_units",
    "audit.checks.observed",
)
#: Half an export that arrived is a delivery: the books count it, and what could not be read of it stays a gap.
DELIVERED = (
    "workspace.delivery_streams",
    "workspace.problems",
    "audit.deliveries",
    "audit.known_gaps",
    "audit.checks.observed",
    "gaps.gap_delivery_problems",
    "gaps.gap_quarantined_rows",
    "core.fct_gaps",
    "intermediate.int_person_gaps_attributed",
    "intermediate.int_project_gaps_attributed",
    "releases.release_contributions.is_judged",
    *("gap_count", "blocking_gap_count", "is_complete"),
    *("delivery_count", "rows_read", "rows_loaded", "rows_quarantined", "delivered_rows", "superseded_rows"),
    *("us_read", "us_loaded", "delivered_us", "superseded_us"),
    *("read_hours", "loaded_hours", "not_loaded_hours", "delivered_hours", "superseded_hours"),
)


@dataclass(frozen=True)
class Undisturbed:
    """A refresh that nobody disturbed: instants before and after touches of the disk, processor seconds, and bytes it added."""

    instants: int
    seconds: float
    bytes_added: int


@dataclass
class Case:
    """A workspace of its own to disturb, with a folder beside it. ``models`` is called in every process that refreshes."""

    folder: Path
    undisturbed: Undisturbed
    draw: Random
    models: Callable[[], None]
    as_of: str = AS_OF
    is_mounted: bool = False
    #: Tables and columns that tell of the fault ever after, and rightly.
    leaves: tuple[str, ...] = ()
    #: Refreshes that were to be killed at any instant, and those of them that were over by then.
    killed: int = 0
    over: int = 0
    done: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)

    @property
    def root(self) -> Path:
        return self.folder / "workspace"

    def start(self, arm: Callable[[], None] = lambda: None) -> Command:
        """``workledger refresh`` on its way."""

        def armed() -> None:
            self.models()
            arm()

        return Command(("refresh", "-w", str(self.root), "--as-of", self.as_of), self._output(), armed)

    def tick(self) -> Command:
        """A tick of the schedule, whose refresh speaks of today."""
        return Command((str(self.root),), self._output(), self.models, schedule_tick)

    def _output(self) -> Path:
        output = self.folder / f"refresh-{len(list(self.folder.glob('refresh-*')))}.txt"
        output.touch()
        return output

    def refresh(self, arm: Callable[[], None] = lambda: None, *, expect: tuple[int, ...]) -> Ended:
        """A refresh from beginning to end. What else it may end with, or a traceback, is wrong."""
        return self.judge(self.start(arm).wait(), expect)

    def judge(self, ended: Ended, expect: tuple[int, ...]) -> Ended:
        if ended.code not in expect or "Traceback" in ended.said:
            self.wrong.append(f"a refresh ended with {ended.code}: {ended.said.strip()[-600:]}")
        return ended

    def kill(self, command: Command) -> None:
        """Kill a refresh at any instant of its life, which may be over by then."""
        part = self.draw.random()
        self.done.append(f"killed after {part:.3f} of its time")
        ended = self.judge(command.wait(kill_after=part * self.undisturbed.seconds), DIED + DONE)
        self.killed, self.over = 1, int(ended.code in DONE)

    def pick(self, pattern: str) -> Path:
        """One file of the workspace."""
        return self.draw.choice(sorted(path for path in self.root.glob(pattern) if path.is_file()))


Steps = Generator[str | None, None, None]
Fault = Callable[[Case], Steps]
DIED, DONE, REFUSED = (-signal.SIGKILL,), (0,), (1,)


def killed_at_failpoint(case: Case, instant: int | None = None) -> Steps:
    """Killed just before or after a touch of the disk."""
    instant = instant or case.draw.randint(1, case.undisturbed.instants)
    case.leaves = RECORDED
    case.done.append(f"killed {'before' if instant % 2 else 'after'} touch {(instant + 1) // 2}")
    case.refresh(lambda: on_touch(case.root, die_at(instant)), expect=DIED)
    yield None


def killed_at_random(case: Case) -> Steps:
    """Killed at any instant of its life."""
    case.leaves = RECORDED
    case.kill(case.start())
    yield None


def no_space_from_failpoint(case: Case, instant: int | None = None) -> Steps:
    """From a touch of the disk on, each answers ENOSPC."""
    instant = instant or case.draw.randint(1, case.undisturbed.instants)
    case.leaves = RECORDED
    case.done.append(f"ENOSPC from touch {(instant + 1) // 2} on")
    # Full after the pointer moved: the version is published, and only what old versions there are stays.
    case.refresh(lambda: on_touch(case.root, full_from(instant)), expect=DONE + REFUSED)
    yield None


def disk_full(case: Case) -> Steps:
    """A small file system of its own that the refresh fills, where mounting is permitted; else files that may not grow."""
    case.leaves = RECORDED
    # As often while exports are read, which takes little room, as while tables are built.
    room = int(case.draw.choice((0.01, 1)) * case.draw.random() * case.undisturbed.bytes_added)
    if not case.is_mounted:
        case.done.append(f"no file larger than {room:,} bytes (RLIMIT_FSIZE)")
        case.refresh(lambda: _limit_files(room), expect=DONE + REFUSED)
        yield None
        return
    case.done.append(f"{room:,} bytes free (tmpfs)")
    _resize(case.root, shutil.disk_usage(case.root).used + room)
    case.refresh(expect=DONE + REFUSED)
    _resize(case.root, LARGE)
    yield None


def mount(root: Path) -> bool:
    """A file system of its own at ``root``, which is made; False where that is not permitted."""
    root.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={LARGE}", "tmpfs", str(root)]
    if shutil.which("mount") and subprocess.run(command, capture_output=True, check=False).returncode == 0:
        return True
    root.rmdir()
    return False


def _resize(root: Path, size: int) -> None:
    subprocess.run(["mount", "-o", f"remount,size={size}", str(root)], check=True)


def _limit_files(size: int) -> None:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, size))


def unreadable_input(case: Case) -> Steps:
    """An export that may not be read."""
    case.leaves = (*RECORDED, *SHOWN)
    victim = case.pick("inbox/*/*.csv")
    case.done.append(f"{victim.name} of {victim.parent.name} unreadable")

    def refuse() -> None:
        raise PermissionError(13, os.strerror(13), str(victim))

    mode = victim.stat().st_mode
    victim.chmod(0)  # which does not stop everybody
    case.refresh(lambda: on_copy(victim, refuse, lambda: None), expect=DONE)
    victim.chmod(mode)
    yield None


def truncated_input(case: Case) -> Steps:
    """An export of which only the beginning is there, and the rest later."""
    victim, whole, half = _shortened(case)
    case.done.append(f"{victim.name} of {victim.parent.name} cut at {half}")
    case.refresh(expect=DONE)
    victim.write_bytes(whole)
    yield None


def growing_input(case: Case) -> Steps:
    """An export that another program goes on writing while it is read."""
    victim, whole, half = _shortened(case)
    earlier = case.draw.random() < 0.5
    case.done.append(
        f"{victim.name} of {victim.parent.name} grew from {half} {'before' if earlier else 'after'} the copy"
    )

    def grow() -> None:
        with victim.open("ab") as file:
            file.write(whole[half:])

    does = (grow, lambda: None) if earlier else (lambda: None, grow)
    case.refresh(lambda: on_copy(victim, *does), expect=DONE)
    yield None


def _shortened(case: Case) -> tuple[Path, bytes, int]:
    case.leaves = (*RECORDED, *SHOWN, *DELIVERED)
    victim = case.pick("inbox/*/second.csv") if case.draw.random() < 0.5 else case.root / "inbox/desk/export.csv"
    whole = victim.read_bytes()
    half = case.draw.randrange(1, len(whole))
    victim.write_bytes(whole[:half])
    return victim, whole, half


def truncated_stream_file(case: Case) -> Steps:
    """A Parquet file of a stream that lost its end; it comes back from the back-up."""
    victim = case.pick("data/streams/*/*.parquet")
    whole = victim.read_bytes()
    half = case.draw.randrange(len(whole))
    victim.write_bytes(whole[:half])
    case.done.append(f"a file of {victim.parent.name} cut at {half}")
    case.refresh(expect=REFUSED)
    yield "stream_files"
    victim.write_bytes(whole)


def corrupted_warehouse(case: Case) -> Steps:
    """A published warehouse file with other bytes than were published; the next refresh builds it again."""
    (victim,) = case.root.glob("published/current/private/state.duckdb")
    whole = bytearray(victim.read_bytes())
    at = case.draw.randrange(len(whole))
    whole[at] ^= 0xFF
    victim.chmod(0o600)
    victim.write_bytes(whole)
    case.done.append(f"byte {at:,} of state.duckdb turned")
    yield "file_hashes"


def corrupted_delivery(case: Case) -> Steps:
    """A kept delivery with other bytes than arrived; it comes back from the back-up."""
    victim = case.pick("data/deliveries/*/*")
    whole = victim.read_bytes()
    at = case.draw.randrange(len(whole))
    victim.chmod(0o600)
    victim.write_bytes(whole[:at] + bytes([whole[at] ^ 0xFF]) + whole[at + 1 :])
    case.done.append(f"byte {at:,} of a kept delivery turned")
    case.refresh(expect=DONE)
    yield "kept_bytes"
    victim.write_bytes(whole)


def clock_set_back(case: Case) -> Steps:
    """A refresh after the machine's clock was set back a day."""
    case.done.append("clock set back a day")
    yield from _with_clock(case, timedelta(days=-1))


def clock_set_ahead(case: Case) -> Steps:
    """A refresh while the machine's clock was two days ahead; the next one has it right again."""
    case.done.append("clock two days ahead")
    yield from _with_clock(case, timedelta(days=2))


def _with_clock(case: Case, shifted: timedelta) -> Steps:
    case.refresh(lambda: shift_clock(shifted), expect=DONE)
    published = case.root / "published"
    if (published / "current").readlink().name != max(path.name for path in (published / "versions").iterdir()):
        case.wrong.append("the newest version is not the last by name")
    yield None


def three_at_once(case: Case) -> Steps:
    """Two refreshes and a tick of the schedule at the same time; sometimes the first is killed while the others wait."""
    case.leaves = (*RECORDED, *SHOWN_UNTIL_TODAY)
    doors: list[Callable[[], Command]] = [case.start, case.start, case.tick]
    case.draw.shuffle(doors)
    commands: list[Command] = []
    for door in doors:
        commands.append(door())
        time.sleep(case.draw.random() * 0.2)
    first, *others = commands
    case.done.append(f"two refreshes and a tick, which came {('first', 'second', 'third')[doors.index(case.tick)]}")
    if case.draw.random() < 0.5:
        case.kill(first)
    else:
        case.judge(first.wait(), DONE)
    for other in others:
        case.judge(other.wait(), DONE)
    yield None


#: How many faults of a kind there are to twenty refreshes that are killed at any instant.
KINDS: dict[Fault, int] = {
    killed_at_random: 20,
    killed_at_failpoint: 1,
    no_space_from_failpoint: 1,
    disk_full: 2,
    unreadable_input: 1,
    truncated_input: 1,
    growing_input: 1,
    truncated_stream_file: 1,
    corrupted_warehouse: 1,
    corrupted_delivery: 1,
    clock_set_back: 1,
    clock_set_ahead: 1,
    three_at_once: 1,
}
