"""Draft a format from a file: its headers, and what they probably mean, each guess marked as one. A person decides.

Nothing that data cannot prove is filled in: where day and month could be swapped, or a local time has no zone, the draft asks
for it as a required option.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from connectors.column_profile import Profile, profile
from connectors.column_roles import guess_roles, guess_stream, plain_words
from connectors.draft_reading import DraftReading, draft_reading, sample_rows
from connectors.sql_text import quoted
from data_contracts.errors import WorkledgerError
from data_contracts.load import Column, load_stream, stream_names


@dataclass
class _Draft:
    """What is found out on the way: expressions with the reason of each guess, and the options they need."""

    profiles: Mapping[str, Profile]
    expressions: dict[str, tuple[str, str]] = field(default_factory=dict)
    options: dict[str, tuple[str, str]] = field(default_factory=dict)
    used: dict[str, None] = field(default_factory=dict)


def draft_format(path: Path, name: str, stream: str | None = None) -> str:
    """YAML of a format named ``name`` for the file, with comments.

    Raises WorkledgerError where the file is of a kind that cannot be drafted, or no stream can be guessed and none is given.
    """
    if not path.is_file():
        raise WorkledgerError("There is no such file", where=str(path), remedy="Check the path.")
    with tempfile.TemporaryDirectory(prefix="workledger-") as scratch:
        reading = draft_reading(path)
        columns = sample_rows(path, reading, Path(scratch))
    chosen = stream or guess_stream(columns)
    if chosen is None:
        raise WorkledgerError(
            f"The headers do not tell which stream the file feeds: {', '.join(columns)}",
            where=str(path),
            remedy=f"Say it with --stream, one of {', '.join(stream_names())}.",
        )
    profiles = {header: profile(header, values) for header, values in columns.items()}
    found = _Draft(profiles)
    _guess_columns(found, chosen)
    return _as_yaml(found, name, chosen, reading, path.name)


def _guess_columns(found: _Draft, stream: str) -> None:
    own = load_stream(stream).own_columns
    roles = guess_roles(found.profiles, [column.name for column in own])
    for column in own:
        header = roles.get(column.name)
        if header is None or (found.profiles[header].kind == "empty" and column.type != "VARCHAR"):
            continue
        expression, reason = _expression(found, column, header)
        if expression:
            found.expressions[column.name] = (expression, reason)
            found.used[header] = None
    _join_dates_and_times(found)
    _fill_required(found, stream, own)


def _expression(found: _Draft, column: Column, header: str) -> tuple[str, str]:
    """The SQL that reads a header as a contract column, and why; empty where the values do not look like it."""
    text, seen = quoted(header), found.profiles[header]
    said = f"the header {header!r}"
    if column.name.endswith("_us"):
        return _duration(text, seen, header)
    if column.type in ("DATE", "TIMESTAMP WITH TIME ZONE"):
        return _moment(found, column, text, seen)
    if column.type == "BOOLEAN":
        return (f"parse_boolean({text})", said) if seen.kind == "boolean" or seen.greatest in (0, 1) else ("", "")
    if column.type.startswith("DECIMAL") or column.type in ("DOUBLE", "BIGINT", "INTEGER"):
        sign = ", ','" if seen.decimal_sign == "," else ""
        return (f"parse_decimal({text}{sign})", said) if seen.kind in ("integer", "decimal") else ("", "")
    if column.accepted:
        return "", ""
    if column.name == "person_name" and seen.kind == "email":
        found.expressions.setdefault("person_email", (text, f"the values of {header!r}"))
        found.used[header] = None
        return "", ""
    return text, said


def _duration(text: str, seen: Profile, header: str) -> tuple[str, str]:
    words = plain_words(header).split()
    if seen.kind == "duration":
        return f"parse_duration({text})", "values such as 1:30"
    if seen.kind not in ("integer", "decimal"):
        return "", ""
    for unit, names in (("seconds", ("seconds", "sec", "secs", "s")), ("minutes", ("minutes", "min", "mins", "m"))):
        if set(names) & set(words):
            return f"{unit}_us({text})", f"{unit}, by the header"
    if seen.greatest is not None and seen.greatest > 1000:
        return f"seconds_us({text})", "seconds, since values are too large for hours: make sure"
    sign = f", '{seen.decimal_sign}'" if seen.decimal_sign == "," else ""
    return f"parse_hours({text}{sign})", "decimal hours: make sure of the unit"


def _moment(found: _Draft, column: Column, text: str, seen: Profile) -> tuple[str, str]:
    if seen.kind == "instant":
        return (
            f"parse_date(left({text}, 10))" if column.type == "DATE" else f"parse_instant({text})"
        ), "an instant with its offset"
    if seen.kind not in ("date", "timestamp"):
        return "", ""
    written, reason = _date_format(found, seen)
    reader = "parse_date" if seen.kind == "date" else "parse_timestamp"
    local = f"{reader}({text}{written})"
    if column.type == "DATE":
        return (local if seen.kind == "date" else f"cast({local} as date)"), reason
    _need_zone(found)
    return f"local_to_utc({local}, option('zone'))", f"{reason}; local time"


def _date_format(found: _Draft, seen: Profile) -> tuple[str, str]:
    """The format argument of a date, and why. An order that cannot be proven becomes an option without a default."""
    option = "date_format" if seen.kind == "date" else "timestamp_format"
    if seen.open_formats:
        both = " or ".join(f'"{text}"' for text in seen.open_formats)
        found.options[option] = (
            "required: true",
            f"as in strptime; day and month could be swapped in this file, so say which, {both}",
        )
        return f", option('{option}')", "day and month could be swapped: declared as an option"
    if seen.date_format is None:
        return "", "written as 2026-01-31"
    if found.options.get(option, ("",))[0] != "required: true":
        found.options[option] = (f'default: "{seen.date_format}"', "as in strptime")
    return f", option('{option}')", f"proven by {seen.proof}"


def _need_zone(found: _Draft) -> None:
    found.options["zone"] = ("required: true", "zone of the local times in the export")


def _join_dates_and_times(found: _Draft) -> None:
    """A start date beside a start time is one instant, and the start date is the day of the work."""
    plain = {plain_words(header): header for header in found.profiles}
    for column, edge in (("started_at", "start"), ("ended_at", "end")):
        day, clock = plain.get(f"{edge} date"), plain.get(f"{edge} time")
        if not day or not clock or found.profiles[clock].kind not in ("clock", "duration"):
            continue
        seen = found.profiles[day]
        _, reason = _date_format(found, seen)
        written = "option('date_format')" if "date_format" in found.options else "'%Y-%m-%d'"
        _need_zone(found)
        both = f"{quoted(day)} || ' ' || {quoted(clock)}"
        found.expressions[column] = (
            f"local_to_utc(parse_date_time({both}, {written}), option('zone'))",
            f"date and time together; {reason}",
        )
        found.used |= {day: None, clock: None}
        if column == "started_at":
            found.expressions.setdefault("work_date", (f"parse_date({quoted(day)}, {written})", reason))


def _fill_required(found: _Draft, stream: str, own: tuple[Column, ...]) -> None:
    known = found.expressions
    if stream == "time_entries":
        precision = "instant" if "started_at" in known else "day" if "work_date" in known else "period"
        known["date_precision"] = (f"'{precision}'", "what the columns above allow")
        if "duration_us" not in known and {"started_at", "ended_at"} <= set(known):
            between = f"date_diff('microsecond', {known['started_at'][0]}, {known['ended_at'][0]})"
            known["duration_us"] = (between, "no duration column: the time between start and end")
    if stream == "people" and "valid_from_basis" not in known:
        basis = "reported" if "valid_from_date" in known else "observed"
        known["valid_from_basis"] = (f"'{basis}'", "whether the roster says from when a fact holds")
    if stream == "process_events" and "lifecycle" not in known:
        known["lifecycle"] = ("'complete'", "an event without a lifecycle is a completion")
    order = {column.name: place for place, column in enumerate(own)}
    found.expressions = dict(sorted(known.items(), key=lambda entry: order[entry[0]]))


def _as_yaml(found: _Draft, name: str, stream: str, reading: DraftReading, file_name: str) -> str:
    key = next((header for header, seen in found.profiles.items() if seen.is_unique and _is_id(header)), None)
    used = [header for header in found.profiles if header in found.used or header == key]
    rest = [header for header in found.profiles if header not in used]
    headers = [f"required: [{_list(used)}]  # guess: what the columns below use; move what may be absent to optional"]
    headers += [f"known: [{_list(rest)}]  # not mapped; kept in extras"] if rest else []
    missing = [c.name for c in load_stream(stream).own_columns if c.required and c.name not in found.expressions]
    lines = [
        f"# Drafted from {file_name}. Every line marked guess is one: check it, correct it, delete the mark, then try it with",
        f"# workledger preview. The columns of {stream} are explained by: workledger template {stream}",
        f"format: {name}",
        "version: 0.1.0",
        f"description: {_scalar(f'Drafted from {file_name}, one row a record of {stream}.')}",
        f"read: {reading.read_yaml}  # guess",
        *reading.wrap_headers(headers),
    ]
    if found.options:
        lines.append("options:")
        lines += [
            f"  {option}: {{{rule}, description: {_scalar(words, flow=True)}}}"
            for option, (rule, words) in found.options.items()
        ]
    lines += ["streams:", f"  {stream}:"]
    lines += [f"    from: {reading.part}"] if reading.part else []
    key_text = (
        f"[{_scalar(quoted(key), flow=True)}]  # guess: unique in the rows looked at"
        if key
        else "occurrence  # guess: no column is an id"
    )
    lines += [f"    key: {key_text}", "    columns:" if found.expressions else "    columns: {}"]
    lines += [f"      {column}: {_scalar(sql)}  # guess: {why}" for column, (sql, why) in found.expressions.items()]
    lines += [f"      # {column}: required, and nothing in the file looks like it" for column in missing]
    return "\n".join(lines) + "\n"


def _is_id(header: str) -> bool:
    words = plain_words(header).split()
    return bool({"id", "key", "number", "uuid", "no"} & set(words[-1:])) or words[-1:] == ["nr"]


def _list(names: list[str]) -> str:
    return ", ".join(_scalar(name, flow=True) for name in names)


def _scalar(text: str, flow: bool = False) -> str:
    """One YAML scalar on one line; within a flow collection always safe."""
    if not flow and text.startswith("'") and not set(text) & set('"\\'):
        return f'"{text}"'
    dumped = yaml.safe_dump([text] if flow else text, default_flow_style=flow, allow_unicode=True, width=10_000)
    first = dumped.splitlines()[0]
    return first[1:-1] if flow else first
