"""Erase a person: from deliveries, streams, quarantine, published versions, closes, releases, annotations and logs.

First it is found out what holds the person; that plan is kept until the end, so that an erase that was killed goes on where it
was, and every step may be done again. Original bytes cannot be edited safely, whatever their format: those that hold the person
are removed, and what was mapped of them stays, without the person. Their rows are filtered by the rule ``erased`` from then on,
also in exports that still come.
"""

from __future__ import annotations

import json
import os
import secrets
import shutil
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from connectors.deliveries import remove_bytes
from connectors.durable import keep_file, make_folder, write_durably
from connectors.ledger import Ledger, open_ledger
from connectors.persons import Person, find_in_files, write_without
from connectors.sources import Store
from connectors.suppression import Suppressed, read_suppressed
from data_contracts.errors import WorkledgerError
from data_contracts.load import load_streams
from orchestration.erasure.decisions import erase_annotations, erase_from_close, erase_from_release, find_decisions
from orchestration.erasure.leftovers import remove_leftovers
from orchestration.erasure.naming import names_person
from orchestration.erasure.person import identify
from orchestration.erasure.records import Erasure, keep_erasure, read_erasures, under_way
from orchestration.erasure.texts import erase_from_texts, files_of_the_user
from orchestration.gap_history import forget_gaps, gaps_of
from orchestration.intake import store_of
from orchestration.kept_rows import KeptFile, count_kept
from orchestration.publication.erasing import erase_from_version
from orchestration.publication.layout import AUDIENCE_FILES
from orchestration.publication.versions import list_versions, version_folder
from orchestration.workspace import Workspace

Progress = Callable[[str], None]
QUARANTINE = "quarantine"


@dataclass(frozen=True)
class Plan:
    """What is to be done. ``streams`` and ``quarantine`` are files below the data folder with the person; ``hashes`` are of bytes
    to be removed, ``gaps`` are keys of the person's gaps. ``mentions`` are rows by stream, of what counts now. ``stand_in`` takes
    the person's place in released figures.
    """

    person: Person
    erasure: Erasure
    stand_in: str
    mentions: Mapping[str, int] = field(default_factory=dict)
    streams: tuple[str, ...] = ()
    quarantine: tuple[str, ...] = ()
    hashes: tuple[str, ...] = ()
    gaps: tuple[str, ...] = ()

    def as_json(self) -> str:
        """What is kept while the erasure is under way."""
        return json.dumps({**asdict(self), "person": self.person.as_json()}, indent=1) + "\n"

    @staticmethod
    def from_json(text: str) -> Plan:
        """What ``as_json`` gave."""
        entry: dict[str, Any] = json.loads(text)
        done = {**entry["erasure"], "deliveries": tuple(entry["erasure"]["deliveries"])}
        lists = {name: tuple(entry.get(name, ())) for name in ("streams", "quarantine", "hashes", "gaps")}
        return Plan(**{**entry, **lists, "person": Person.from_json(entry["person"]), "erasure": Erasure(**done)})


@dataclass(frozen=True)
class Erased:
    """What was done, or would be. ``still_named`` are files of the user's that tell of the person: nothing here changes them."""

    erasure: Erasure
    mentions: Mapping[str, int]
    still_named: tuple[str, ...]
    went_on: bool = False


def plan_erasure(workspace: Workspace, asked: str, at: datetime) -> Plan:
    """What erasing a person would do; nothing is changed. An erasure that is under way is gone on with, as it was planned.

    Call it under the refresh lock. Raises WorkledgerError where the person is nobody, several or erased already, where another's
    erasure is under way, and where a file does not hold what the ledger says.
    """
    suppressed = read_suppressed(store_of(workspace).suppressed)
    begun = _begun(workspace)
    if begun is not None:
        text = asked.strip()
        if text in begun.person.keys or text.lower() in begun.person.emails or text.upper() in begun.person.numbers:
            return begun
        raise WorkledgerError(
            "The erasure of somebody else is unfinished: it was stopped before its end",
            where=str(under_way(workspace)),
            remedy="Finish it first: erase the person whom that file names.",
        )
    person = identify(workspace, asked, suppressed)
    store = store_of(workspace)
    with open_ledger(store.ledger) as ledger:
        return _plan(workspace, store, ledger, person, at)


def erase(workspace: Workspace, plan: Plan, progress: Progress) -> Erased:
    """Do what was planned. Call it under the refresh lock; stopped anywhere, the same call ends it."""
    store, person, number = store_of(workspace), plan.person, plan.erasure.number
    went_on = under_way(workspace).exists()
    _begin(workspace, plan)
    remove_leftovers(workspace)
    with open_ledger(store.ledger) as ledger:
        ledger.let_bytes_go(plan.hashes, plan.erasure.erased_at)
        remove_bytes(plan.hashes, store)
        progress("streams")
        _erase_from_files(store, plan)
        _account(store, ledger, plan)
    for version in list_versions(workspace.published):
        progress(f"version {version}")
        erase_from_version(version_folder(workspace.published, version), person, number)
    progress("books, releases, annotations and logs")
    for close in sorted(workspace.closes.glob("*.json")):
        erase_from_close(close, person)
    for release in sorted(workspace.releases.glob("[0-9]*")):
        erase_from_release(release, person, plan.stand_in)
    erase_annotations(workspace, person)
    forget_gaps(workspace, plan.gaps)
    for folder in (workspace.builds, store.scratch, store.pulled_file("any").parent):
        if folder.exists():
            shutil.rmtree(folder)
    erase_from_texts(workspace, store, person)
    # What was removed stays removed after a power cut, before it is said to be.
    os.sync()
    keep_erasure(workspace, plan.erasure)
    return Erased(plan.erasure, plan.mentions, files_of_the_user(workspace, person, plan.hashes), went_on)


def _begun(workspace: Workspace) -> Plan | None:
    path = under_way(workspace)
    if not path.exists():
        return None
    try:
        return Plan.from_json(path.read_text(encoding="utf-8"))
    except (ValueError, TypeError, KeyError) as error:
        raise WorkledgerError(
            "The erasure that is under way cannot be read", where=str(path), remedy="Restore it from the back-up."
        ) from error


def _begin(workspace: Workspace, plan: Plan) -> None:
    """Keep the plan, then the hashes by which the person is known when an export still names them."""
    make_folder(workspace.erasures, 0o700)
    write_durably(under_way(workspace), plan.as_json())
    path = store_of(workspace).suppressed
    known = read_suppressed(path)
    salted = Suppressed(known.salt or secrets.token_hex(16), known.hashes)
    hashes = sorted({*salted.hashes, *salted.hashes_of(plan.person)})
    lent = sorted({*known.lent, *salted.lent_of(plan.person)})
    write_durably(path, json.dumps({"salt": salted.salt, "hashes": hashes, "lent": lent}, indent=1) + "\n")


def _plan(workspace: Workspace, store: Store, ledger: Ledger, person: Person, at: datetime) -> Plan:
    import duckdb

    current = {workspace.data / row["stream_path"]: row for row in ledger.current_streams()}
    own: Counter[str] = Counter()
    mentions: Counter[str] = Counter()
    touched: list[Path] = []
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        for stream in sorted(load_streams()):
            files = sorted((store.data / "streams" / stream).glob("*.parquet"))
            found = find_in_files(con, person, stream, files)
            _require_as_recorded(stream, {file: current[file] for file in found if file in current}, store)
            touched += found
            own[stream] += sum(entry.own for file, entry in found.items() if file in current)
            mentions[stream] += sum(entry.mentions for file, entry in found.items() if file in current)
        rejected = sorted((store.data / QUARANTINE).glob("*.parquet"))
        in_quarantine = [file for file in rejected if find_in_files(con, person, QUARANTINE, [file])]
    named = {file.stem.partition("-")[0] for file in touched} | {file.stem for file in in_quarantine}
    hashes = _hashes_of(store, ledger, person, named)
    entries, released, annotations = find_decisions(workspace, person)
    erasure = Erasure(
        number=max((known.number for known in read_erasures(workspace)), default=0) + 1,
        erased_at=at.isoformat(),
        rows_by_stream={stream: rows for stream, rows in own.items() if rows},
        deliveries=tuple(row["delivery_id"] for row in ledger.deliveries() if row["sha256"] in hashes),
        versions=len(list_versions(workspace.published)),
        closed_entries=entries,
        released_rows=released,
        annotations=annotations,
    )
    return Plan(
        person,
        erasure,
        stand_in=secrets.token_hex(16),
        mentions={stream: rows for stream, rows in mentions.items() if rows},
        streams=tuple(file.relative_to(store.data).as_posix() for file in touched),
        quarantine=tuple(file.relative_to(store.data).as_posix() for file in in_quarantine),
        hashes=tuple(sorted(hashes)),
        gaps=tuple(sorted(gaps_of(_analyst_files(workspace), person.keys))),
    )


def _analyst_files(workspace: Workspace) -> list[Path]:
    folders = (version_folder(workspace.published, version) for version in list_versions(workspace.published))
    return [folder / AUDIENCE_FILES["analyst"] for folder in folders]


def _hashes_of(store: Store, ledger: Ledger, person: Person, named: set[str]) -> set[str]:
    """Bytes that hold the person: those that a row of theirs was mapped from, and others in which they are named."""
    hashes = {row["sha256"] for row in ledger.deliveries() if row["delivery_id"] in named}
    kept = (path for path in (store.data / "deliveries").glob("*/*") if path.name not in hashes)
    return hashes | {path.name for path in kept if names_person(path, person)}


def _require_as_recorded(stream: str, rows: Mapping[Path, Mapping[str, Any]], store: Store) -> None:
    """A file that does not hold what the ledger says would have its loss taken for an erasure."""
    for path, kept in count_kept(stream, _kept_files(rows, store)).items() if rows else ():
        if isinstance(kept, str) or kept.loaded != rows[path]["rows_loaded"]:
            raise WorkledgerError(
                "A stream's file does not hold what the ledger says",
                where=str(path),
                remedy="See what `workledger verify` finds, mend that, and erase then.",
            )


def _kept_files(rows: Mapping[Path, Mapping[str, Any]], store: Store) -> list[KeptFile]:
    quarantines = {path: store.quarantine_file(row["delivery_id"]) for path, row in rows.items()}
    return [
        KeptFile(path, row["delivery_id"], quarantines[path] if quarantines[path].is_file() else None)
        for path, row in rows.items()
    ]


def _erase_from_files(store: Store, plan: Plan) -> None:
    import duckdb

    store.scratch.mkdir(parents=True, exist_ok=True)
    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'")
        for relative in (*plan.streams, *plan.quarantine):
            file = store.data / relative
            name = QUARANTINE if relative in plan.quarantine else file.parent.name
            if find_in_files(con, plan.person, name, [file]):
                target = store.scratch / "erasing.parquet"
                write_without(con, plan.person, name, file, target)
                keep_file(target, file)


def _account(store: Store, ledger: Ledger, plan: Plan) -> None:
    """What is gone from the files is filtered, by its rule; where the ledger says so already, nothing changes."""
    touched = {store.data / relative for relative in plan.streams}
    by_stream: dict[str, dict[Path, Mapping[str, Any]]] = {}
    for row in ledger.current_streams():
        path = store.data / row["stream_path"]
        if path in touched:
            by_stream.setdefault(row["stream"], {})[path] = row
    for stream, rows in by_stream.items():
        for path, kept in count_kept(stream, _kept_files(rows, store)).items():
            if not isinstance(kept, str):
                ledger.erase_rows(rows[path]["delivery_id"], stream, kept.loaded, kept.us)
