"""Map every file of a folder of real exports, or say why one cannot be: ``make examples DIR=...``.

Formats are the shipped ones and those in example_formats. examples.yaml holds what a source would declare (zone, options), how
an export is taken out of a page or table that quotes it, and the files that hold no export, each with the reason. A file is
mapped when a format reads it and its accounting closes, against rows counted here by other code where it is delimited text.
"""

from __future__ import annotations

import csv
import json
import re
import sys
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

import yaml

from connectors.format_spec import DelimitedRead, FormatSpec, load_formats
from connectors.ledger import DeliveryStream
from connectors.trial import Declared, trial
from data_contracts.errors import WorkledgerError

HERE = Path(__file__).parent
OWN = HERE / "example_formats"
RULES = HERE / "examples.yaml"
HOUR = 3_600_000_000
FENCE = re.compile(r"^```[^\n]*\n(.*?)^\s*```", re.MULTILINE | re.DOTALL)


@dataclass(frozen=True)
class Rule:
    """What examples.yaml says of the files that fit ``files``. Either a ``reason`` why they are no exports, or how to read them.

    ``block`` takes the n-th fenced block out of a Markdown page, ``table`` the rows of its table; ``payloads`` the JSON documents
    in column ``data`` of a table, under that name in one document (``lines``: one a line).
    """

    files: str
    reason: str | None = None
    format: str | None = None
    zone: str | None = None
    options: Mapping[str, str] = field(default_factory=dict)
    block: int | None = None
    table: bool = False
    payloads: str | None = None


@dataclass(frozen=True)
class Result:
    """What became of one file: mapped by a format, listed with a reason, or neither, with the problem."""

    file: str
    format: str | None = None
    streams: tuple[DeliveryStream, ...] = ()
    reason: str | None = None
    problem: str | None = None


def load_rules(path: Path = RULES) -> list[Rule]:
    """Rules in the order of the file; the first that fits a file holds."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    return [Rule(**entry) for section in ("declared", "listed") for entry in document[section]]


def map_folder(folder: Path, rules: list[Rule], part: str = "") -> Iterable[Result]:
    """One result a file, in path order; ``part`` is a folder within, to look at that alone."""
    formats = load_formats(OWN)
    for path in sorted(path for path in (folder / part).rglob("*") if path.is_file()):
        name = path.relative_to(folder).as_posix()
        rule = next((rule for rule in rules if fnmatchcase(name, rule.files)), Rule(name))
        yield Result(name, reason=rule.reason) if rule.reason else _map(path, name, rule, formats)


def _map(path: Path, name: str, rule: Rule, formats: Mapping[str, FormatSpec]) -> Result:
    with tempfile.TemporaryDirectory(prefix="workledger-") as scratch:
        try:
            export = _export(path, rule, Path(scratch))
            with trial(export, formats, Declared(rule.format, rule.zone, rule.options), OWN) as tried:
                streams = tried.outcome.streams
                problem = _open_account(tried.spec, streams, export)
                return Result(name, tried.spec.name, streams, problem=problem)
        except WorkledgerError as error:
            return Result(name, problem=f"{error.what}.")


def _export(path: Path, rule: Rule, scratch: Path) -> Path:
    """The export itself: the file, or what is taken out of it."""
    if rule.block is not None:
        blocks = FENCE.findall(path.read_text(encoding="utf-8-sig"))
        target = scratch / f"{path.stem}.txt"
        target.write_text(blocks[rule.block - 1].strip("\n") + "\n", encoding="utf-8")
        return target
    if rule.table:
        target = scratch / f"{path.stem}.csv"
        with target.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows(_table_rows(path.read_text(encoding="utf-8-sig")))
        return target
    if rule.payloads is not None:
        csv.field_size_limit(1 << 24)
        with path.open(encoding="utf-8", newline="") as file:
            documents = [json.loads(row["data"]) for row in csv.DictReader(file)]
        target = scratch / f"{path.stem}.json"
        lines = "\n".join(json.dumps(document) for document in documents)
        target.write_text(
            lines if rule.payloads == "lines" else json.dumps({rule.payloads: documents}), encoding="utf-8"
        )
        return target
    return path


def _table_rows(text: str) -> list[list[str]]:
    """Cells of a Markdown table, without the rule below its header and without signs of emphasis."""
    rows = [line.strip().strip("|").split("|") for line in text.splitlines() if line.strip().startswith("|")]
    cells = [[cell.strip().strip("*").replace("\\", "") for cell in row] for row in rows]
    return [row for row in cells if not all(set(cell) <= set("-: ") and cell for cell in row)]


def _open_account(spec: FormatSpec, streams: Iterable[DeliveryStream], export: Path) -> str | None:
    """What does not add up; None where everything does."""
    for stream in streams:
        accounted = stream.rows_loaded + stream.rows_merged + stream.rows_quarantined + stream.rows_filtered
        if stream.rows_read != accounted:
            return f"{stream.stream}: {stream.rows_read} rows read, but {accounted} accounted for."
        counted = _count_records(spec, export)
        if counted is not None and counted != stream.rows_read:
            return f"{stream.stream}: {counted} rows in the file, but {stream.rows_read} read."
    return None


def _count_records(spec: FormatSpec, export: Path) -> int | None:
    """Records below the header, counted without any of the code that reads them; None for other kinds of files."""
    if not isinstance(spec.read, DelimitedRead):
        return None
    content = export.read_bytes()
    encoding = next((name for name in ("utf-8-sig", *spec.read.encodings) if _decodes(content, name)), "latin-1")
    rows = csv.reader(
        content.decode(encoding).splitlines(keepends=True), delimiter=spec.read.delimiter, quotechar=spec.read.quote
    )
    filled = [[cell.strip() for cell in row] for row in rows if row]
    required = set(next(iter(spec.tables.values())).headers.required)
    spellings = {name for names in next(iter(spec.tables.values())).headers.renamed.values() for name in names}
    header = next(
        (at for at, row in enumerate(filled) if len(required & set(row)) + len(spellings & set(row)) >= len(required)),
        0,
    )
    return len(filled) - header - 1


def _decodes(content: bytes, encoding: str) -> bool:
    try:
        content.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def stale_rules(folder: Path, rules: list[Rule]) -> list[str]:
    """Patterns of rules that no file of the folder fits."""
    names = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    return [rule.files for rule in rules if not any(fnmatchcase(name, rule.files) for name in names)]


def show(results: list[Result]) -> None:
    """The table, the list with reasons, what is left, and the totals."""
    numbers = ("read", "loaded", "merged", "quarant.", "filtered")
    columns = (
        f"{'file':<92} {'format':<40} {'stream':<16} " + " ".join(f"{name:>8}" for name in numbers) + f" {'hours':>11}"
    )
    print(columns)
    for result in results:
        for stream in result.streams if not result.problem else ():
            hours = "" if stream.us_loaded is None else f"{stream.us_loaded / HOUR:,.3f}"
            counts = (
                stream.rows_read,
                stream.rows_loaded,
                stream.rows_merged,
                stream.rows_quarantined,
                stream.rows_filtered,
            )
            name = f"{result.file:<92} {result.format:<40} {stream.stream:<16} "
            print(name + " ".join(f"{count:>8,}" for count in counts) + f" {hours:>11}")
    print("\nListed, since no format can read an export there:")
    for result in results:
        if result.reason:
            print(f"  {result.file}: {result.reason}")
    for result in results:
        if result.problem:
            print(f"UNACCOUNTED {result.file}: {result.problem}")
    print(totals(results))


def totals(results: list[Result]) -> str:
    """The last line."""
    listed = sum(1 for result in results if result.reason)
    unaccounted = sum(1 for result in results if result.problem)
    streams = [stream for result in results if not result.problem for stream in result.streams]
    read, loaded = sum(stream.rows_read for stream in streams), sum(stream.rows_loaded for stream in streams)
    hours = sum(stream.us_loaded or 0 for stream in streams if stream.stream == "time_entries") / HOUR
    return (
        f"\n{read:,} rows read, {loaded:,} loaded, {hours:,.3f} hours of time entries.\n"
        f"{len(results) - listed - unaccounted} mapped, {listed} listed, {unaccounted} unaccounted"
    )


def main(arguments: list[str]) -> int:
    """Exit code 1 where a file is unaccounted for or a rule fits no file."""
    if len(arguments) != 1 or not Path(arguments[0]).is_dir():
        print("Name a folder of exports: make examples DIR=…", file=sys.stderr)
        return 2
    folder, rules = Path(arguments[0]), load_rules()
    results = list(map_folder(folder, rules))
    show(results)
    stale = stale_rules(folder, rules)
    for pattern in stale:
        print(f"examples.yaml names {pattern}, which no file fits", file=sys.stderr)
    return 1 if stale or any(result.problem for result in results) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
