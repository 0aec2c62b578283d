"""``make faults N=200``: disturb refreshes of a small workspace, each in its own copy, and see whether rows are lost or doubled.

First, with stand-ins for the models, a refresh is killed once at every failpoint and finds the disk full from there; then N whole
refreshes are killed at random instants, and for every twenty of them a dozen meet faults of other kinds. While a fault lasts, a
reader asks the current version all the time. After it ``workledger verify`` has to be clean, or to name what was damaged; after
the next refresh, undisturbed, all tables of all published files have to be those of a workspace that nobody disturbed. The same
number and seed make the same faults; as many are tried at the same time as there are cores. The last line is ``N faults tried,
N survived, N rows lost, N rows doubled``; a run that is interrupted or terminated ends the faults that it is at first, and that
line says that it stopped early.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random

from rich.console import Console
from rich.table import Table

from tests.faults.failpoints import on_touch, shift_clock, write_down
from tests.faults.faults import (
    DONE,
    KINDS,
    Case,
    Fault,
    Undisturbed,
    disk_full,
    killed_at_failpoint,
    killed_at_random,
    mount,
    no_space_from_failpoint,
)
from tests.faults.organisation import FIRST_AS_OF, first_exports, new_workspace, second_exports
from tests.faults.plain_models import use_plain_models
from tests.faults.processes import Command, Reader, answer_of, forked, warm_up
from tests.faults.published import Differences, answers, compare

#: Versions that the policy of tests/faults/organisation.py keeps.
KEPT = 2
#: Signals that end a run, each after the fault that it is at.
STOPPING = {signal.SIGINT, signal.SIGTERM}
#: Kinds of the faults that are tried at every failpoint, by what their names begin with.
EVERY_FAILPOINT = {"killed": "every failpoint, killed", "full": "every failpoint, no space"}
#: How often it is told how far a run is.
EVERY = 20


@dataclass
class Tally:
    """What became of the faults of a kind."""

    tried: int = 0
    survived: int = 0
    reads: int = 0
    read_errors: int = 0
    lost: int = 0
    doubled: int = 0
    #: Refreshes that were to be killed at any instant, and those of them that were over by then.
    killed: int = 0
    over: int = 0

    def add(self, other: Tally) -> None:
        for name, figure in asdict(other).items():
            setattr(self, name, getattr(self, name) + figure)


class Bench:
    """A published workspace with exports waiting, what an undisturbed refresh makes of them, and copies of it to disturb."""

    def __init__(self, folder: Path, models: Callable[[], None] = lambda: None) -> None:
        self.folder, self._models = folder, models
        folder.mkdir(parents=True)
        self._undisturbed = Undisturbed(0, 0.0, 0)
        first = self._case("waiting", Random(0))
        first.as_of = FIRST_AS_OF
        # Two versions of some hours ago, of which the older one may go as soon as there is a third.
        for hours_ago, exports in ((3, new_workspace), (2, first_exports)):
            exports(first.root)
            self._require_whole(first, lambda hours=hours_ago: shift_clock(timedelta(hours=-hours)))  # type: ignore[misc]
        second_exports(first.root)
        touches, whole = folder / "touches.txt", self._case("undisturbed", Random(0))
        before = _bytes_below(whole.root)
        self.expected = whole.root / "published" / "current"
        seconds = self._require_whole(whole, lambda: on_touch(whole.root, write_down(touches)))
        self.touches = touches.read_text().splitlines()
        self._undisturbed = Undisturbed(2 * len(self.touches), seconds, _bytes_below(whole.root) - before)
        if len(list(whole.root.glob("published/versions/*"))) != KEPT:
            raise SystemExit(
                "the undisturbed refresh lets no old version go, so that nothing of that could be disturbed"
            )
        if not self._differences(first):
            raise SystemExit("the second exports change nothing, so that nothing could be lost")

    @property
    def instants(self) -> int:
        """Instants before and after each touch of the disk that an undisturbed refresh makes."""
        return self._undisturbed.instants

    def survives(self, fault: Fault, name: str, draw: Random) -> Tally:
        """Disturb a copy by a fault and judge what became of it; what is wrong is printed."""
        case = self._case(name, draw, mounted=fault is disk_full)
        reader = Reader(case.root / "published" / "current", case.folder / "read.json")
        told = None
        steps = fault(case)
        try:
            wanted = next(steps)
            self._verify(case, wanted)
            next(steps, None)
            case.refresh(expect=DONE)
            self._verify(case, None)
        finally:
            told = reader.stop()
            steps.close()
        differences = self._differences(case)
        lost, doubled = (sum(rows[side] for rows in differences.values()) for side in (0, 1))
        case.wrong += [f"a reader was told: {error}" for error in told["errors"][:3]]
        case.wrong += self._mixed(case.root, told["answers"])
        case.wrong += [f"{table}: {gone} rows lost, {new} rows doubled" for table, (gone, new) in differences.items()]
        tally = Tally(1, int(not case.wrong), told["reads"], len(told["errors"]), lost, doubled, case.killed, case.over)
        for what in case.wrong:
            print(f"{name} ({', '.join(case.done)}): {what}", flush=True)
        if case.is_mounted:
            if case.wrong:
                subprocess.run(["cp", "-a", case.root, case.folder / "kept"], check=True)
            subprocess.run(["umount", case.root], check=True)
        if not case.wrong:
            shutil.rmtree(case.folder)
        return tally

    def _case(self, name: str, draw: Random, *, mounted: bool = False) -> Case:
        case = Case(self.folder / name, self._undisturbed, draw, self._models)
        case.folder.mkdir()
        case.is_mounted = mounted and mount(case.root)
        waiting = self.folder / "waiting" / "workspace"
        if name != "waiting":
            case.root.mkdir(exist_ok=True)
            subprocess.run(["cp", "-a", "--reflink=auto", f"{waiting}/.", case.root], check=True)
        return case

    def _require_whole(self, case: Case, arm: Callable[[], None] = lambda: None) -> float:
        ended = case.refresh(arm, expect=DONE)
        if case.wrong:
            raise SystemExit(f"the undisturbed refresh does not do: {case.wrong[0]}")
        return ended.seconds

    def _verify(self, case: Case, wanted: str | None) -> None:
        ended = Command(("verify", "-w", str(case.root), "--json"), case.folder / "verify.txt").wait()
        is_named = wanted is not None and f'"rule": "{wanted}"' in ended.said and ended.code == 1
        if not (is_named or (wanted is None and ended.code == 0)):
            case.wrong.append(f"verify ended with {ended.code}, {wanted or 'nothing'} to be named: {ended.said[-600:]}")

    def _differences(self, case: Case) -> Differences:
        there = case.root / "published" / "current"
        found: Differences = answer_of(lambda: compare(self.expected, there, case.leaves))
        return found

    def _mixed(self, root: Path, told: list[list[object]]) -> Iterator[str]:
        """Answers that no whole version gives."""
        versions = sorted(root.glob("published/versions/*"))
        whole = answer_of(lambda: [answer for version in versions for answer in answers(version)])
        known = {answer[1] for answer in whole}
        # A clock that was set back makes a version look older than readers are given time for.
        gone = {answer[1] for answer in told} - known
        if len(gone) > 1:
            yield f"readers saw {len(gone)} versions that there never were"
        for answer in told:
            if answer not in whole and answer[1] not in gone:
                yield f"a reader was answered {answer}, which version {answer[1]} does not say"


def _bytes_below(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if path.is_file())


def sampled(count: int, seed: int, only: str = "") -> Iterator[tuple[str, Fault, Random]]:
    """Faults in the proportions of ``KINDS``, of them so many killed at random: name, fault and what it draws from.

    ``only``: those whose kind holds the text.
    """
    round_of_all = [fault for fault, number in KINDS.items() for _ in range(number)]
    for number in range(count * len(round_of_all) // KINDS[killed_at_random]):
        if number % len(round_of_all) == 0:
            Random(f"{seed}/{number}").shuffle(round_of_all)
        fault = round_of_all[number % len(round_of_all)]
        if only in fault.__name__:
            yield f"fault-{number}", fault, Random(f"{seed}/{number}/draw")


def every_failpoint(bench: Bench, step: int) -> Iterator[tuple[str, Fault, Random]]:
    """Every ``step``-th instant before and after a touch of the disk: killed there, and without space from there on."""
    for instant in range((step + 1) // 2, bench.instants + 1, step):
        yield f"killed-{instant}", lambda case, at=instant: killed_at_failpoint(case, at), Random(instant)  # type: ignore[misc]
        if instant % 2 or step > 1:
            yield f"full-{instant}", lambda case, at=instant: no_space_from_failpoint(case, at), Random(instant)  # type: ignore[misc]


def is_told_to_stop() -> bool:
    """Whether a signal waits that ends the run."""
    return not STOPPING.isdisjoint(signal.sigpending())


def _try(bench: Bench, faults: Iterable[tuple[str, Fault, Random]], told: int) -> int:
    """One fault after the other; of each a line with its kind and tally goes to the pipe, whole since it is short."""
    for name, fault, draw in faults:
        if is_told_to_stop():
            break
        tally = bench.survives(fault, name, draw)
        kind = EVERY_FAILPOINT.get(name.partition("-")[0], fault.__name__.replace("_", " "))
        os.write(told, (json.dumps([kind, asdict(tally)]) + "\n").encode())
    return 0


@dataclass
class Run:
    """What became of the faults so far, by kind."""

    planned: int
    #: Processes that try faults at the same time.
    workers: int
    started: float = field(default_factory=time.monotonic)
    tallies: dict[str, Tally] = field(default_factory=dict)

    @property
    def total(self) -> Tally:
        total = Tally()
        for tally in self.tallies.values():
            total.add(tally)
        return total

    def disturb(self, bench: Bench, faults: Sequence[tuple[str, Fault, Random]]) -> None:
        """Try every fault, some in turn in each of the workers, until a signal ends the run."""
        reading, writing = os.pipe()
        shares = [faults[number :: self.workers] for number in range(self.workers)]
        workers = [forked(lambda share=share: _try(bench, share, writing)) for share in shares]  # type: ignore[misc]
        os.close(writing)
        with os.fdopen(reading) as told:
            for line in told:
                kind, figures = json.loads(line)
                self.tallies.setdefault(kind, Tally()).add(Tally(**figures))
                self._tell(self.total)
                for worker in workers if is_told_to_stop() else ():
                    os.kill(worker, signal.SIGTERM)
        ends = [os.waitpid(worker, 0)[1] for worker in workers]
        if any(ends):
            raise SystemExit("a worker came to an end before its faults did")

    def _tell(self, total: Tally) -> None:
        told = f"{total.tried} of {self.planned} faults tried, {total.survived} survived, {self._seconds()}"
        if total.tried % EVERY == 0:
            print(told, flush=True)
        elif os.isatty(2):
            print(f"\r{told} ", end="", file=sys.stderr)

    def _seconds(self) -> str:
        return f"{time.monotonic() - self.started:.0f} s"

    def show(self) -> Tally:
        """Print the table; returns the sum of it."""
        table = Table(
            "fault", "tried", "survived", "reads served", "read errors", "rows lost", "rows doubled", box=None
        )
        for kind, tally in self.tallies.items():
            figures = (tally.tried, tally.survived, tally.reads, tally.read_errors, tally.lost, tally.doubled)
            table.add_row(kind, *(f"{figure:,}" for figure in figures))
        Console(width=120, highlight=False).print(table)
        total = self.total
        if total.killed:
            print(f"of {total.killed:,} to be killed at a random instant {total.over:,} were over before the kill")
        print(f"{total.reads:,} reads, {total.read_errors} errors, {self._seconds()}")
        return total


def main(arguments: list[str] | None = None) -> int:
    """Run and tell. Returns 1 where a fault was not survived."""
    parser = argparse.ArgumentParser(prog="make faults", description=__doc__)
    parser.add_argument("count", type=int, help="refreshes to kill at random; a fault takes as long as two refreshes")
    parser.add_argument(
        "--only", default="", help="no failpoints, and of the rest the kinds whose name holds this text"
    )
    parser.add_argument("--seed", type=int, default=1, help="another seed, other faults")
    parser.add_argument(
        "--step", type=int, default=1, help="with stand-ins for the models, only every so many failpoints"
    )
    parser.add_argument("--plain", action="store_true", help="stand-ins for the models everywhere")
    parser.add_argument(
        "--workers", type=int, default=len(os.sched_getaffinity(0)), help="faults at the same time (one a core)"
    )
    options = parser.parse_args(arguments)
    # Before anything is imported that starts threads. Blocked signals wait, also for the processes that are started from here.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    warm_up(with_models=options.count > 0 and not options.plain)
    folder = Path(tempfile.mkdtemp(prefix="workledger-faults-"))
    chosen = [*sampled(options.count, options.seed, options.only)]
    run = Run(len(chosen), options.workers)
    try:
        if not options.only:
            plain = Bench(folder / "plain", use_plain_models)
            failpoints = [*every_failpoint(plain, options.step)]
            run.planned += len(failpoints)
            print(f"{plain.instants} instants at {len(plain.touches)} touches", flush=True)
            run.disturb(plain, failpoints)
        if chosen and not is_told_to_stop():
            run.disturb(Bench(folder / "sampled", *([use_plain_models] if options.plain else [])), chosen)
    finally:
        total = run.show()
    if total.survived == total.tried:
        shutil.rmtree(folder)
    else:
        print(f"What was not survived is kept: {folder}")
    stopped = f"stopped early, {run.planned - total.tried} not tried: " if total.tried < run.planned else ""
    print(
        f"{stopped}{total.tried} faults tried, {total.survived} survived, {total.lost} rows lost, {total.doubled} rows doubled",
        flush=True,
    )
    return int(total.survived < total.tried)


if __name__ == "__main__":
    sys.exit(main())
