"""Files become deliveries: find them, keep their bytes once, say what period and moment they speak of."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from calendar import monthrange
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

from connectors.durable import keep_file
from connectors.sources import ExportMode, Source, Store
from data_contracts.errors import WorkledgerError

UNFINISHED = (".part", ".tmp", ".crdownload", ".filepart", ".swp")
Basis = Literal["content", "file_name", "arrival"]


@dataclass(frozen=True)
class FoundFile:
    """A file of a source as it lies there. ``relative`` is its POSIX path below the source's root."""

    path: Path
    relative: str
    size: int
    mtime_ns: int


@dataclass(frozen=True)
class Landed:
    """Bytes that are kept: their hash and number."""

    sha256: str
    size: int


@dataclass(frozen=True)
class Identity:
    """What a delivery speaks of. ``mode`` is the one in force: without declared coverage a window is only changes."""

    delivery_id: str
    mode: ExportMode
    coverage_from: date | None
    coverage_to: date | None
    extracted_at: datetime
    extracted_at_basis: Basis


def scan(source: Source) -> Iterator[FoundFile]:
    """Files that the source's globs match, in path order; hidden files and unfinished downloads are passed over."""
    paths = {path for pattern in source.files for path in source.root.glob(pattern)}
    for path in sorted(paths):
        relative = path.relative_to(source.root).as_posix()
        hidden = any(step.startswith((".", "~$")) for step in relative.split("/"))
        if hidden or path.suffix.lower() in UNFINISHED or not path.is_file():
            continue
        stat = path.stat()
        yield FoundFile(path, relative, stat.st_size, stat.st_mtime_ns)


def hash_file(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def land(found: FoundFile, store: Store) -> Landed | None:
    """Keeps the bytes of a file under their hash, once. None where the file changed meanwhile: it is still being written."""
    store.scratch.mkdir(parents=True, exist_ok=True)
    temporary = store.scratch / f"{os.getpid()}-landing"
    try:
        digest = _copy(found.path, temporary)
        stat = found.path.stat()
        if (stat.st_size, stat.st_mtime_ns) != (found.size, found.mtime_ns):
            return None
        target = store.landed(digest)
        if not target.exists():
            temporary.chmod(0o400)
            keep_file(temporary, target)
        return Landed(digest, found.size)
    finally:
        temporary.unlink(missing_ok=True)


def remove_bytes(hashes: Iterable[str], store: Store) -> None:
    """Removes kept bytes. The ledger must know already that they go."""
    for sha256 in hashes:
        store.landed(sha256).unlink(missing_ok=True)


def _copy(source: Path, target: Path) -> str:
    """Hash of what arrived: of the copy, since the source may change under our hands."""
    shutil.copyfile(source, target)
    return hash_file(target)


def identify(
    source: Source, relative: str, arrived_at: datetime, sha256: str, content: Mapping[str, str] | None = None
) -> Identity:
    """Coverage, moment and id of a delivery: from its ``content`` (as in prefaces.py), the file name, or the recorded arrival.

    Raises WorkledgerError where a pattern is declared and the name does not fit it.
    """
    told = content or {}
    named = _declared(source, relative)
    coverage = _coverage(told, relative) or _coverage(named, relative)
    stated = told.get("extracted_at") or named.get("extracted_at")
    extracted_at = parse_moment(stated, source.zone, relative) if stated else arrived_at
    mode = source.mode
    if mode == "window" and coverage is None:
        mode = "changes"
    first, last = coverage or (None, None)
    parts = (source.name, str(first), str(last), extracted_at.astimezone(UTC).isoformat(), sha256)
    return Identity(
        delivery_id=hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:16],
        mode=mode,
        coverage_from=first,
        coverage_to=last,
        extracted_at=extracted_at,
        extracted_at_basis="content" if "extracted_at" in told else "file_name" if stated else "arrival",
    )


def _declared(source: Source, relative: str) -> dict[str, str]:
    if source.file_name is None:
        return {}
    try:
        pattern = re.compile(source.file_name)
    except re.error as error:
        raise WorkledgerError(
            f"file_name of source {source.name} is not a regular expression: {error}",
            remedy="Correct it in workledger.yaml.",
        ) from error
    found = pattern.search(relative)
    if found is None:
        raise WorkledgerError(
            "The file name does not fit the declared pattern",
            where=f"{relative}, file_name: {source.file_name}",
            remedy="Rename the file, or correct file_name in workledger.yaml.",
        )
    return {name: value for name, value in found.groupdict().items() if value}


def _coverage(declared: Mapping[str, str], relative: str) -> tuple[date, date] | None:
    start, end = declared.get("coverage_from"), declared.get("coverage_to")
    if start is None and end is None:
        return None
    first, last_of_start = parse_period(start or end or "", relative)
    last = parse_period(end, relative)[1] if end else last_of_start
    if start is None or last < first:
        raise WorkledgerError(
            "The coverage has no beginning, or ends before it begins",
            where=relative,
            remedy="Check what the file or its name says, and the groups of `file_name` or `preface`.",
        )
    return first, last


def parse_period(text: str, where: str = "") -> tuple[date, date]:
    """First and last day of what a text names: 2026, 2026-01, 2026-W05, 2026-01-31, 20260131.

    >>> parse_period("2026-02")
    (datetime.date(2026, 2, 1), datetime.date(2026, 2, 28))
    """
    plain = text.strip().replace("_", "-").replace(".", "-")
    try:
        if re.fullmatch(r"\d{4}", plain):
            return date(int(plain), 1, 1), date(int(plain), 12, 31)
        if re.fullmatch(r"\d{4}-\d{2}", plain):
            year, month = map(int, plain.split("-"))
            return date(year, month, 1), date(year, month, monthrange(year, month)[1])
        if week := re.fullmatch(r"(\d{4})-?[Ww](\d{1,2})", plain):
            first = date.fromisocalendar(int(week[1]), int(week[2]), 1)
            return first, first + timedelta(days=6)
        day = date.fromisoformat(plain)
    except ValueError as error:
        raise WorkledgerError(
            f"{text!r} is not a day, week, month or year",
            where=where,
            remedy="Write 2026-01-31, 2026-W05, 2026-01 or 2026.",
        ) from error
    return day, day


def parse_moment(text: str, zone: str | None, where: str = "") -> datetime:
    """An instant: 2026-01-31T0930Z, 20260131-0930, 2026-01-31. Without an offset it is local in ``zone`` (UTC where None)."""
    plain = re.sub(r"[_ ]", "-", text.strip())
    plain = re.sub(r"^(\d{4})-?(\d{2})-?(\d{2})[-T]?", r"\1-\2-\3T", plain).rstrip("T")
    plain = re.sub(r"T(\d{2})[-.:h]?(\d{2})(?:[-.:m]?(\d{2}))?", _clock, plain)
    try:
        moment = datetime.fromisoformat(plain)
    except ValueError as error:
        raise WorkledgerError(
            f"{text!r} is not a date or time", where=where, remedy="Write 2026-01-31T0930Z or 2026-01-31."
        ) from error
    return moment if moment.tzinfo else moment.replace(tzinfo=ZoneInfo(zone or "UTC"))


def _clock(found: re.Match[str]) -> str:
    return f"T{found[1]}:{found[2]}:{found[3] or '00'}"
