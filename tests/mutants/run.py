"""``make mutants``: each rule of the conformed model broken on purpose, and whether the oracle notices.

The parsed project gets one mutant at a time; its files stay as they are. The same packs of random organisations are built with it
and compared with the plain reading of the definitions; the accounting laws are asked too. A mutant that neither notices has
survived: something that the project says is held by nothing here. The last line is ``N killed, N survived``.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orchestration.models import load_manifest
from tests.mutants.mutant import Mutant
from tests.mutants.mutants import MUTANTS
from tests.mutants.rare import RARE
from tests.oracle.compare import Difference
from tests.oracle.laws import broken_laws
from tests.oracle.organisation import Pack
from tests.oracle.packs import POLICIES, build, pack_of
from tests.oracle.random_organisations import draw_organisations
from tests.oracle.reading import Reading
from tests.oracle.verdict import FACTS, KEYS, judge, judge_facts, read
from tests.warehouse.warehouse_build import PROJECT

#: Where the comparison finds the names of what it compares.
NAMES = ("dim_person_names", "dim_teams", "dim_roles", "dim_projects", "int_people_identified")


@dataclass(frozen=True)
class Baseline:
    """A pack, its warehouse as the project builds it, and what the oracle makes of it."""

    pack: Pack
    folder: Path
    readings: Mapping[str, Reading]


def main(arguments: list[str] | None = None) -> int:
    """Run and tell. Returns 1 where a mutant survived or was none."""
    parser = argparse.ArgumentParser(prog="make mutants", description=__doc__)
    parser.add_argument("--organisations", type=int, default=30, help="in each pack")
    parser.add_argument("--seed", type=int, default=1, help="another seed, other organisations")
    parser.add_argument("--only", default="", help="mutants whose name or file holds this text")
    options = parser.parse_args(arguments)
    chosen = [mutant for mutant in MUTANTS if options.only in mutant.name or options.only in mutant.file]
    with tempfile.TemporaryDirectory(prefix="workledger-mutants-") as scratch:
        proof = Proof(Path(scratch), options.organisations, options.seed)
        survived, wrong = _tried(chosen, proof)
    for name in survived:
        print(f"survived: {name}")
    print(f"{len(chosen) - len(survived) - len(wrong)} killed, {len(survived)} survived")
    return 1 if wrong or survived else 0


def _tried(mutants: Sequence[Mutant], proof: Proof) -> tuple[list[str], list[str]]:
    """Names of those that survived, and of those that are no mutants."""
    survived, wrong = [], []
    for mutant in mutants:
        started = time.monotonic()
        try:
            killer = proof.killer_of(mutant)
        except (ValueError, AssertionError) as error:
            wrong.append(mutant.name)
            told = f"error     {mutant.name}: {' '.join(str(error).split())[:300]}"
        else:
            told = f"{'killed  ' if killer else 'SURVIVED'}  {mutant.name}: {killer or mutant.file}"
            if not killer:
                survived.append(mutant.name)
        print(f"{time.monotonic() - started:5.1f} s  {told}", flush=True)
    return survived, wrong


class Proof:
    """The parsed project, and a pack a policy that it was built for: a later one when the earlier let a mutant live."""

    def __init__(self, folder: Path, organisations: int, seed: int) -> None:
        self.folder = folder
        self.organisations = organisations
        self.seed = seed
        self.manifest = load_manifest()
        self.manifest.build_parent_and_child_maps()
        self.baselines: dict[int, Baseline] = {}

    def killer_of(self, mutant: Mutant) -> str | None:
        """What noticed the mutant, in words; None where nothing did. Marts are built where the facts are as they should be."""
        for number in range(len(POLICIES)):
            baseline = self._baseline(number)
            built = self.folder / "mutant"
            shutil.rmtree(built, ignore_errors=True)
            shutil.copytree(baseline.folder, built, ignore=shutil.ignore_patterns("target", "logs"))
            with _applied(mutant, self.manifest) as touched:
                for models, noticed in zip(
                    _to_build(touched, self.manifest), (_facts_differ, _marts_differ), strict=True
                ):
                    if not models:
                        continue
                    with build(baseline.pack, built, " ".join(models), self.manifest) as connection:
                        if killer := noticed(baseline, connection):
                            return killer
        return None

    def _baseline(self, number: int) -> Baseline:
        """The project itself must agree with the oracle: else nothing could be said of its mutants."""
        if number not in self.baselines:
            organisations = [*RARE, *draw_organisations(self.organisations, self.seed + number)]
            pack = pack_of(organisations, POLICIES[number])
            made = Baseline(pack, self.folder / f"pack-{number}", read(pack))
            with build(pack, made.folder) as connection:
                if told := _facts_differ(made, connection) or _marts_differ(made, connection):
                    raise SystemExit(
                        f"The project differs from the oracle without any mutant, see `make oracle`: {told}"
                    )
            self.baselines[number] = made
        return self.baselines[number]


@contextmanager
def _applied(mutant: Mutant, manifest: Any) -> Iterator[set[str]]:
    """The mutant in the parsed project, whose files stay as they are. Yields the models that say or use what it changes."""
    mutant.text(PROJECT)
    parts = [part for part in (*manifest.nodes.values(), *manifest.macros.values()) if _is_of(part, mutant)]
    told = [(part, "macro_sql" if part.resource_type == "macro" else "raw_code") for part in parts]
    (part, name), *others = [(part, name) for part, name in told if mutant.old in getattr(part, name)] or [(None, "")]
    if part is None or others:
        raise ValueError(f"{mutant.name}: not in one model or macro of {mutant.file}")
    before = getattr(part, name)
    setattr(part, name, before.replace(mutant.old, mutant.new))
    try:
        yield _closure({part.unique_id}, _users_of_macros(manifest)) & set(manifest.nodes)
    finally:
        setattr(part, name, before)


def _facts_differ(baseline: Baseline, connection: Any) -> str | None:
    return _told(baseline, lambda: judge_facts(baseline.pack, connection, baseline.readings))


def _marts_differ(baseline: Baseline, connection: Any) -> str | None:
    told = _told(baseline, lambda: judge(baseline.pack, connection, baseline.readings))
    return told or next((f"law: {law}" for law in broken_laws(connection)), None)


def _told(baseline: Baseline, judged: Callable[[], Mapping[str, Sequence[Difference]]]) -> str | None:
    try:
        found = judged()
    except AssertionError as error:  # two rows of one key
        return str(error)
    differing = {item.table for told in found.values() for item in told}
    tables = [table.partition(".")[2] for table in KEYS if table in differing]
    return f"{len(found)} of {len(baseline.pack.tenants)} differ, in {', '.join(tables)}" if found else None


def _to_build(changed: set[str], manifest: Any) -> tuple[list[str], list[str]]:
    """Facts to build again, and then marts: what changed and what follows, as far as it is compared."""
    touched = _closure(changed, manifest.child_map) & set(manifest.nodes)
    facts = touched & _needed(manifest, {*FACTS, *NAMES})
    marts = touched & _needed(manifest, {*KEYS, *NAMES, "core.fct_gaps"}) - facts
    return _named(manifest, facts), _named(manifest, marts)


def _named(manifest: Any, ids: set[str]) -> list[str]:
    return sorted(manifest.nodes[name].name for name in ids)


def _needed(manifest: Any, tables: set[str]) -> set[str]:
    names = {table.rpartition(".")[2] for table in tables}
    return _closure({name for name, node in manifest.nodes.items() if node.name in names}, manifest.parent_map)


def _is_of(node: Any, mutant: Mutant) -> bool:
    return node.package_name == "workledger" and Path(node.original_file_path) == Path(mutant.file)


def _users_of_macros(manifest: Any) -> dict[str, list[str]]:
    users: dict[str, list[str]] = {}
    for name, node in {**manifest.macros, **manifest.nodes}.items():
        for macro in node.depends_on.macros:
            users.setdefault(macro, []).append(name)
    return users


def _closure(names: set[str], following: Mapping[str, Sequence[str]]) -> set[str]:
    """The names and all that follows from them."""
    found, waiting = set(names), list(names)
    while waiting:
        new = set(following.get(waiting.pop(), ())) - found
        found |= new
        waiting += new
    return found


if __name__ == "__main__":
    sys.exit(main())
