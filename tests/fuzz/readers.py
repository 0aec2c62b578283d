"""``make fuzz-readers SECONDS=600``: bytes that a coverage-guided fuzzer (atheris) thinks up, for readers.

Kinds: those that shipped formats read, and XML. Archives hand on to these; Parquet and databases are read by DuckDB.

Each input must end in text tables or in an error for people, within time and memory. The last line is ``N passed, N failed``:
inputs survived, and kinds of reader that one brought down; it is kept and named.
"""

from __future__ import annotations

import argparse
import re
import subprocess
import sys
import tempfile
from importlib import import_module
from pathlib import Path

from connectors.format_spec import FormatSpec, load_formats
from connectors.readers.registry import MODULES

TESTS = Path(__file__).parents[1]
FIXTURES = TESTS / "formats" / "fixtures"
EXAMPLE_FORMATS = TESTS / "formats" / "example_formats"
SECONDS_AN_INPUT, MEGABYTES = 20, 2_000


def targets() -> dict[str, list[tuple[FormatSpec, bytes]]]:
    """Kind of reader → formats with what to begin with: an export of theirs, for XML any document."""
    found: dict[str, list[tuple[FormatSpec, bytes]]] = {}
    formats = load_formats(EXAMPLE_FORMATS)
    for folder in sorted(FIXTURES.iterdir()):
        (export,) = folder.glob("export.*")
        spec = formats[folder.name]
        found.setdefault(spec.read.kind, []).append((spec, export.read_bytes()))
    for spec in formats.values():
        if spec.read.kind == "xml":
            found.setdefault("xml", []).append((spec, b"<?xml version='1.0'?><a><b c='1'>x</b></a>"))
    return found


def fuzz(kind: str, corpus: Path, arguments: list[str]) -> None:
    """Feeds the reader until time is up; leaves the process."""
    import atheris  # type: ignore[import-untyped]

    with atheris.instrument_imports(include=["connectors.readers", "icalendar"]):
        reader = import_module(MODULES[kind])

    import duckdb

    from data_contracts.errors import WorkledgerError

    specs = [spec for spec, _ in targets()[kind]]
    for number, (_, export) in enumerate(targets()[kind]):
        (corpus / f"seed-{number}").write_bytes(bytes([number]) + export)
    folder = Path(tempfile.mkdtemp(prefix="workledger-fuzz-"))
    path = folder / "export"
    con = duckdb.connect()
    con.execute("set threads = 1; set enable_progress_bar = false; set memory_limit = '1GB'")

    def read(data: bytes) -> None:
        spec = specs[data[0] % len(specs)] if data else specs[0]
        path.write_bytes(data[1:])
        con.execute("begin")
        try:
            for table in reader.read(con, path, spec, folder):
                con.execute(f'select count(*) from "{table.raw}"').fetchone()
        except (WorkledgerError, duckdb.Error) as error:
            if isinstance(error, WorkledgerError) and not (str(error) and error.remedy):
                raise AssertionError("an error that helps nobody") from error
        finally:
            con.execute("rollback")

    atheris.Setup([sys.argv[0], *arguments, str(corpus)], read)
    atheris.Fuzz()


def run(kind: str, seconds: int, kept: Path, megabytes: int = MEGABYTES) -> tuple[int, str]:
    """Inputs that a reader survived in so many seconds, and what brought it down: empty where nothing did."""
    with tempfile.TemporaryDirectory(prefix="workledger-corpus-") as corpus:
        done = subprocess.run(
            [
                *(sys.executable, "-m", "tests.fuzz.readers", "--kind", kind, "--corpus", corpus),
                *("--", f"-max_total_time={seconds}", f"-timeout={SECONDS_AN_INPUT}", f"-rss_limit_mb={megabytes}"),
                *("-max_len=20000", "-print_final_stats=1", f"-artifact_prefix={kept}/{kind}-"),
            ],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
        )
    told = re.search(r"stat::number_of_executed_units:\s*(\d+)", done.stderr)
    said = re.search(r"=== Uncaught(?:.+\n)+|^.*ERROR: libFuzzer.*$", done.stdout + done.stderr, re.MULTILINE)
    kept_as = re.search(r"Test unit written to .*", done.stderr)
    broken_by = "\n".join(found[0].strip() for found in (said, kept_as) if found) or done.stderr[-2_000:]
    return int(told[1]) if told else 0, broken_by if done.returncode else ""


def main(arguments: list[str] | None = None) -> int:
    """Run and tell. Returns 1 where a reader was brought down."""
    parser = argparse.ArgumentParser(prog="make fuzz-readers", description=__doc__)
    parser.add_argument("--seconds", type=int, default=600, help="for all kinds of reader together")
    parser.add_argument(
        "--kept", type=Path, default=Path(tempfile.gettempdir()), help="where inputs that hurt are kept"
    )
    parser.add_argument("--kind", choices=sorted(targets()))
    parser.add_argument("--corpus", type=Path)
    options, rest = parser.parse_known_args(arguments)
    if options.corpus:
        fuzz(options.kind, options.corpus, [argument for argument in rest if argument != "--"])
    kinds = [options.kind] if options.kind else sorted(targets())
    total, failed = 0, 0
    for kind in kinds:
        inputs, broken_by = run(kind, max(1, options.seconds // len(kinds)), options.kept)
        print(
            f"{kind:<12} {inputs:>9,} inputs"
            + (f", the last of which brings it down:\n{broken_by}" if broken_by else ""),
            flush=True,
        )
        total, failed = total + inputs, failed + bool(broken_by)
    print(f"{total} passed, {failed} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
