"""``make oracle N=200``: so many random organisations against the oracle, in packs of disjoint tenants under changing policies.

A pack that differs is told by tenant; the first failing organisation of each pack is shrunk alone. The last line is
``N passed, N failed``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from pathlib import Path
from random import Random

from tests.oracle.compare import Difference
from tests.oracle.days import disturbed, reaching_inputs
from tests.oracle.laws import broken_laws
from tests.oracle.organisation import Pack
from tests.oracle.packs import POLICIES, build, pack_of
from tests.oracle.random_organisations import draw_organisations
from tests.oracle.shrink import described, shrink
from tests.oracle.variants import VARIANTS, changed_by_telling_it_differently
from tests.oracle.verdict import judge
from tests.warehouse.warehouse_build import failed_data_tests

PACK = 100


def main(arguments: list[str] | None = None) -> int:
    """Run and tell. Returns 1 where anything failed."""
    parser = argparse.ArgumentParser(prog="make oracle", description=__doc__)
    parser.add_argument("count", type=int, help="organisations")
    parser.add_argument("--seed", type=int, default=1000, help="another seed, other organisations")
    parser.add_argument(
        "--no-variants", action="store_true", help="leave out the second build that tells each pack differently"
    )
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory(prefix="workledger-oracle-") as scratch:
        folder = Path(scratch)
        passed = failed = 0
        for number, first in enumerate(range(0, options.count, PACK)):
            started = time.monotonic()
            size = min(PACK, options.count - first)
            pack = pack_of(draw_organisations(size, options.seed + number), POLICIES[number % len(POLICIES)])
            failures = _run(pack, folder, with_variants=not options.no_variants)
            failed += min(failures, size)
            passed += size - min(failures, size)
            print(
                f"{first + size} of {options.count}: {failures} of {size} failed, {time.monotonic() - started:.0f} s",
                flush=True,
            )
    print(f"{passed} passed, {failed} failed")
    return 1 if failed else 0


def _run(pack: Pack, folder: Path, *, with_variants: bool) -> int:
    """One pack; the number of its organisations that failed. A law or a variant that fails counts as one."""
    failures = 0
    with build(pack, folder / "pack") as connection:
        found = judge(pack, connection)
        broken = broken_laws(connection)
    broken += [
        f"{failed.rule}: {failed.detail} {failed.sample}"
        for failed in failed_data_tests(folder / "pack")
        if failed.severity == "blocks"
    ]
    for tenant, told in found.items():
        print(f"  {tenant}: {len(told)} differences, first {told[0]}")
    failures += len(found)
    for law in broken:
        print(f"  broken: {law}")
    failures += bool(broken)
    if with_variants:
        changed = changed_by_telling_it_differently(pack, folder / "pack", folder / "told-differently")
        for line in changed:
            print(f"  told differently: {line}")
        for name, variant in VARIANTS.items() if changed else ():
            alone = changed_by_telling_it_differently(pack, folder / "pack", folder / "told-differently", variant)
            print(f"  {name} alone: {alone[0] if alone else 'nothing changes'}")
        failures += bool(changed)
        draw = Random(sum(organisation.row_count for organisation in pack.tenants.values()))
        trials = [disturbed(*what, folder / "pack", folder / "disturbed", draw) for what in reaching_inputs()]
        for trial in trials:
            if trial.differing:
                print(f"  built by days: {trial}")
        failures += any(trial.differing for trial in trials)
    failing = [tenant for tenant in found if tenant in pack.tenants]
    if failing:
        print(_smallest(pack, failing[0], folder))
    return failures


def _smallest(pack: Pack, tenant: str, folder: Path) -> str:
    def trial(candidates: Pack) -> dict[str, list[Difference]]:
        with build(candidates, folder / "shrink") as connection:
            return judge(candidates, connection)

    try:
        smallest = shrink(pack.tenants[tenant], pack.policy, trial)
    except ValueError as error:
        return f"  {tenant}: {error}"
    return f"  {tenant} at its smallest, under {pack.policy}:\n{described(smallest)}"


if __name__ == "__main__":
    sys.exit(main())
