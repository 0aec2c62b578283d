"""Text of the SQL that maps one stream: pure functions from a format's expressions and the contract to statements."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from connectors.expressions import referred_columns
from connectors.format_spec import StreamMapping
from connectors.sql_text import literal, quoted
from data_contracts.load import StreamContract

DURATIONS = {"time_entries": "duration_us", "tasks": "reported_spent_us"}
RECORD_ID = "source_record_id"
MODIFIED_AT = "source_modified_at"
IS_DELETED = "is_deleted"
OCCURRENCE = "occurrence"
INSTANT = "TIMESTAMP WITH TIME ZONE"
SEPARATOR, NOTHING = "\x1f", "\x1e"


@dataclass(frozen=True)
class Mapped:
    """One contract column of the stream with the expression that fills it."""

    name: str
    type: str
    required: bool
    expression: str

    @property
    def cast(self) -> str:
        """The expression as the contract's type; the line ends keep a comment from swallowing what follows."""
        return f"cast((\n{self.expression}\n) as {self.type})"

    @property
    def tried(self) -> str:
        """A struct {'v': value}, NULL exactly where the expression cannot be computed.

        DuckDB moves subexpressions that occur twice out of ``try``, where they fail the query; it leaves those in a branch of a
        case alone, and a volatile condition keeps the case from being folded away.
        """
        return f"case when random() >= 0 then try({{'v': {self.cast}}}) end"


def mapped_columns(contract: StreamContract, mapping: StreamMapping) -> tuple[Mapped, ...]:
    """The contract's own columns, the unmapped ones as NULL."""
    return tuple(
        Mapped(column.name, column.type, column.required, mapping.columns.get(column.name, "null"))
        for column in contract.own_columns
    )


def envelope_columns(mapping: StreamMapping) -> tuple[Mapped, ...]:
    """Record id (absent for occurrence keys), time of change and tombstone."""
    key = [] if mapping.key == OCCURRENCE else [Mapped(RECORD_ID, "VARCHAR", True, key_expression(mapping.key))]
    return (
        *key,
        Mapped(MODIFIED_AT, INSTANT, False, mapping.modified_at or "null"),
        Mapped(IS_DELETED, "BOOLEAN", True, f"coalesce({mapping.deleted}\n, false)" if mapping.deleted else "false"),
    )


def key_expression(parts: Sequence[str] | str) -> str:
    """Key parts joined by '|'; NULL where one is NULL, so that a half key never passes for an id."""
    return " || '|' || ".join(f"cast((\n{part}\n) as varchar)" for part in parts)


def expressions_of(mapping: StreamMapping) -> dict[str, str]:
    """Every expression of a stream by its place in the format."""
    key = () if isinstance(mapping.key, str) else mapping.key
    places = {f"columns.{name}": sql for name, sql in mapping.columns.items()}
    places |= {f"key[{position}]": sql for position, sql in enumerate(key)}
    places |= {f"filters.{name}": sql for name, sql in mapping.filters.items()}
    places |= {name: sql for name, sql in (("modified_at", mapping.modified_at), ("deleted", mapping.deleted)) if sql}
    return places


def used_columns(mapping: StreamMapping) -> frozenset[str]:
    """Lower-case names of the text columns that a stream's expressions refer to."""
    return frozenset(name.lower() for sql in expressions_of(mapping).values() for name in referred_columns(sql))


def kept(mapping: StreamMapping) -> str:
    """Predicate of the rows that no named filter takes out."""
    terms = [f"not coalesce((\n{predicate}\n), false)" for predicate in mapping.filters.values()]
    return " and ".join(terms) or "true"


def filter_rule(mapping: StreamMapping) -> str:
    """Name of the first filter that takes a row out; NULL for rows that stay."""
    cases = " ".join(
        f"when coalesce((\n{predicate}\n), false) then {literal(rule)}" for rule, predicate in mapping.filters.items()
    )
    return f"case {cases} end" if cases else "cast(null as varchar)"


def extras_json(columns: Sequence[str]) -> str:
    """JSON object of the columns that have a value; NULL where none has."""
    if not columns:
        return "cast(null as varchar)"
    pairs = ", ".join(
        f"{literal(json_name(name) + ':')} || cast(to_json({quoted(name)}) as varchar)" for name in columns
    )
    return f"'{{' || nullif(concat_ws(',', {pairs}), '') || '}}'"


def literal_or_null(text: str | None) -> str:
    """A SQL string, or a NULL that is text."""
    return "cast(null as varchar)" if text is None else literal(text)


def json_name(name: str) -> str:
    """A JSON string."""
    import json

    return json.dumps(name, ensure_ascii=False)


def content_hash(columns: Sequence[Mapped]) -> str:
    """Hash over all mapped columns: rows are exact duplicates when it is equal. (An instant as text costs a calendar.)"""
    values: list[str] = []
    for is_unmapped, neighbours in groupby(columns, key=lambda column: column.expression == "null"):
        if is_unmapped:  # as one text: what is the same in every row is not put together row by row
            values.append(literal(SEPARATOR.join(NOTHING for _ in neighbours)))
            continue
        for column in neighbours:
            plain = f"epoch_us({quoted(column.name)})" if column.type == INSTANT else quoted(column.name)
            values.append(f"coalesce(cast({plain} as varchar), {literal(NOTHING)})")
    return f"md5(concat_ws({literal(SEPARATOR)}, {', '.join(values)}))"


def final_columns(contract: StreamContract, source: str, delivery_id: str, record_id: str) -> str:
    """The select list in the contract's order, over a relation that has the mapped columns, ``_row`` and ``extras``."""
    fixed = {"source": literal(source), "delivery_id": literal(delivery_id), RECORD_ID: record_id}
    return ", ".join(
        f"{fixed[column.name]} as {column.name}" if column.name in fixed else quoted(column.name)
        for column in contract.columns
    )


def raw_value(expression: str, available: Sequence[str], relation: str) -> str:
    """The raw text an expression refers to in a relation: one column as it is, several as JSON."""
    by_lower = {name.lower(): name for name in available}
    names = [by_lower[name.lower()] for name in referred_columns(expression) if name.lower() in by_lower]
    if not names:
        return "cast(null as varchar)"
    if len(names) == 1:
        return f"cast({relation}.{quoted(names[0])} as varchar)"
    pairs = ", ".join(f"{literal(name)}, {relation}.{quoted(name)}" for name in names)
    return f"cast(json_object({pairs}) as varchar)"


def unread(column: Mapped) -> str:
    """Why a value is quarantined that cannot be read."""
    return f"{' '.join(column.expression.split())} does not give {in_words(column)}"


def empty(column: Mapped) -> str:
    """Why a required value is quarantined that is empty."""
    return "the record id is empty" if column.name == RECORD_ID else "required, and empty"


def in_words(column: Mapped) -> str:
    """What a column holds, for an error message."""
    if column.name.endswith("_us"):
        return "a duration"
    words = {"DATE": "a date", "BOOLEAN": "yes or no", INSTANT: "an instant", "VARCHAR": "text"}
    return words.get(column.type, "a number")
