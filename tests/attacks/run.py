"""``make attacks``: publish a small organisation, attack it, and say what was tried and what got through."""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.table import Table

from tests.attacks.attacks import Outcome, run_all
from tests.attacks.organisation import make, weaken


def main() -> int:
    """0 where nothing got through a sound build, and something through a weakened one."""
    console = Console(width=140, highlight=False)
    with tempfile.TemporaryDirectory() as folder:
        organisation = make(Path(folder) / "sound")
        sound = run_all(organisation)
        weakened = run_all(weaken(organisation, Path(folder) / "weakened"))
    table = Table("attack", "tried", "got through", box=None, title_justify="left")
    for outcome in sound:
        table.add_row(outcome.attack, f"{outcome.tried:,}", "; ".join(outcome.got_through[:3]) or "nothing")
    console.print(table)
    succeeded = [outcome.attack for outcome in weakened if outcome.got_through]
    console.print(f"\nWith suppression and memory off, as they should, {', '.join(succeeded) or 'none'} got through.")
    failed = sum(map(_failed, sound)) + (not succeeded)
    console.print(f"{len(sound) + 1 - failed} passed, {failed} failed")
    return int(failed > 0)


def _failed(outcome: Outcome) -> bool:
    # An attack that had nothing to try proves nothing.
    return bool(outcome.got_through) or outcome.tried == 0


if __name__ == "__main__":
    sys.exit(main())
