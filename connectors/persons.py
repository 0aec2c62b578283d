"""One person in what sources wrote: which rows are theirs, and the same rows without them.

A row about a person is taken out. What is the company's own (a task, its history, a step of a case) stays and no longer says who.
Where somebody else's row speaks of the person, the name or address in it gives way to ``[erased]``.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from connectors.sql_text import literal, quoted

if TYPE_CHECKING:
    import duckdb

ERASED = "[erased]"
PARTS = ("email", "number", "source_id", "name")
#: Rows of these tables are the company's own: the person is unlinked, the row stays.
UNLINKED = ("tasks", "task_changes", "process_events")
# A shorter name or id would be found in words that are not the person's.
SHORTEST_NAME = 5
SHORTEST_ID = 4
TEXTS = ("VARCHAR", "JSON")
#: What says on which day an activity was, the best first: a lent account is somebody's for some days only.
DAYS = (
    "stated_date",
    "work_date",
    "started_at",
    "period_start_date",
    "occurred_at",
    "first_response_at",
    "created_at",
)


class Lent(NamedTuple):
    """An account that was the person's on some days only, first and last as ISO text; what its source does not say is empty.

    ``actor_key`` is what the warehouse calls the account, empty where it was not asked.
    """

    source: str
    email: str
    number: str
    source_id: str
    name: str
    from_date: str
    to_date: str
    actor_key: str = ""


@dataclass(frozen=True)
class Person:
    """What sources write for one person. Addresses are lower case, numbers upper case; ids are of a source.

    ``accounts`` are known to their source by name alone. ``names`` are looked for in any text, so they hold none that somebody
    else bears too. ``keys`` are what the warehouse calls the person. ``lent`` accounts are others' on other days.
    """

    keys: frozenset[str] = frozenset()
    emails: frozenset[str] = frozenset()
    numbers: frozenset[str] = frozenset()
    source_ids: frozenset[tuple[str, str]] = frozenset()
    accounts: frozenset[tuple[str, str]] = frozenset()
    names: frozenset[str] = frozenset()
    lent: frozenset[Lent] = frozenset()

    @property
    def is_nobody(self) -> bool:
        """Whether nothing leads to any row."""
        return not (self.keys or self.emails or self.numbers or self.source_ids or self.accounts or self.lent)

    @property
    def texts(self) -> tuple[str, ...]:
        """What is looked for anywhere in a text, the longest first."""
        names = {name for name in self.names if len(name) >= SHORTEST_NAME}
        turned = {", ".join(reversed(name.split())) for name in names if len(name.split()) == 2}
        return tuple(sorted({*self.keys, *self.emails, *names, *turned}, key=lambda text: (-len(text), text)))

    @property
    def whole_words(self) -> tuple[str, ...]:
        """Numbers and ids that can be told from other words: a mere number may be anything."""
        ids = {*self.numbers, *(identifier for _, identifier in self.source_ids)}
        told = (entry for entry in ids if len(entry) >= SHORTEST_ID and not entry.isdecimal())
        return tuple(sorted(told, key=lambda text: (-len(text), text)))

    def and_also(self, other: Person) -> Person:
        """Both, as if they were one."""
        mine, theirs = vars(self), vars(other)
        return Person(**{name: mine[name] | theirs[name] for name in mine})

    def as_json(self) -> dict[str, Any]:
        """Plain values, in a fixed order."""
        return {name: sorted(value) for name, value in asdict(self).items()}

    @staticmethod
    def from_json(entry: Mapping[str, Iterable[Any]]) -> Person:
        """What ``as_json`` gave."""
        pairs = ("source_ids", "accounts", "lent")
        values: dict[str, Any] = {
            name: frozenset(map(tuple, value)) if name in pairs else frozenset(value) for name, value in entry.items()
        }
        return Person(**{**values, "lent": frozenset(Lent(*entry) for entry in values.get("lent", ()))})


@dataclass(frozen=True)
class Found:
    """What a table holds of a person: rows that are theirs, and others that speak of them."""

    own: int
    mentions: int

    @property
    def any(self) -> bool:
        """Whether there is anything to take out."""
        return bool(self.own or self.mentions)


class TableOf:
    """SQL about a person for one table, given its columns with their types in DuckDB."""

    def __init__(self, person: Person, name: str, columns: Mapping[str, str], actor_keys: Collection[str] = ()) -> None:
        self._person = person
        self._columns = columns
        stream = name.removeprefix("stg_")
        self._keeps_rows = stream in UNLINKED
        self._is_of_leave = stream == "absences"
        self._actor_keys = actor_keys
        texts = [column for column, kind in columns.items() if kind.upper() in TEXTS]
        self._keys = [column for column in texts if column.endswith("_key")]
        self._texts = [column for column in texts if not column.endswith("_key")]

    @property
    def own(self) -> str:
        """Whether a row is the person's, to be taken out."""
        if self._keeps_rows:
            return "false"
        rules = [self._theirs("person")]
        if "person_key" in self._columns:
            rules.append(_is_in("person_key", self._person.keys))
        rules += [_is_in(quoted(column), self._actor_keys) for column in self._actor_columns]
        return _any(rules)

    @property
    def mentions(self) -> str:
        """Whether another row speaks of the person."""
        rules = [self._theirs(group) for group in self._groups]
        rules += [_is_in(quoted(column), self._actor_keys) for column in self._actor_columns]
        rules += [_is_in(quoted(column), self._person.keys) for column in self._keys]
        return _any([*rules, self._on_lent_days, *self._speaks().values()])

    def search(self, con: duckdb.DuckDBPyConnection, relation: str) -> Found:
        """Looks for the person in a relation that has these columns; from then on only texts that named them are changed."""
        speaks = self._speaks()
        asked = "".join(f", coalesce(bool_or({rule}), false)" for rule in speaks.values())
        row = con.execute(
            f"select count(*) filter ({self.own}), count(*) filter (not {self.own} and {self.mentions}){asked} from {relation}"
        ).fetchone()
        assert row is not None
        self._texts = [column for column, is_told in zip(speaks, row[2:], strict=True) if is_told]
        return Found(row[0], row[1])

    def _speaks(self) -> dict[str, str]:
        """Whether a text names the person, by column."""
        pattern = literal(pattern_of(self._person))
        if pattern == "''":
            return {}
        return {column: f"regexp_matches({quoted(column)}::varchar, {pattern}, 'i')" for column in self._texts}

    @property
    def without(self) -> str:
        """The columns of a row that is not the person's, without what it says of them."""
        return ", ".join(f"{expression} as {quoted(column)}" for column, expression in self._expressions().items())

    def _expressions(self) -> dict[str, str]:
        pattern = pattern_of(self._person)
        found = {column: quoted(column) for column in self._columns}
        if pattern:
            for column in self._texts:
                text = f"{quoted(column)}::varchar"
                gone = f"regexp_replace({text}, {literal(pattern)}, {literal(ERASED)}, 'gi')"
                # Rows that say nothing keep their bytes: not all JSON is written as DuckDB writes it.
                whole = f"case when regexp_matches({text}, {literal(pattern)}, 'i') then {gone} else {text} end"
                found[column] = f"({whole})::{self._columns[column]}"
        for column in self._keys if self._person.keys else ():
            found[column] = f"case when not {_is_in(quoted(column), self._person.keys)} then {quoted(column)} end"
        for column in self._actor_columns:
            found[column] = f"case when not {_is_in(quoted(column), self._actor_keys)} then {quoted(column)} end"
        if "person_actor_key" in self._columns and self._on_lent_days != "false":
            found["person_actor_key"] = f"case when not {self._on_lent_days} then {found['person_actor_key']} end"
        for group in self._groups:
            theirs = self._theirs(group)
            for part in PARTS:
                column = f"{group}_{part}"
                if column in self._columns:
                    found[column] = f"case when not {theirs} then {found[column]} end"
        return found

    @property
    def _groups(self) -> list[str]:
        """Beginnings of columns that name a person: person, assignee, author, manager."""
        groups = {column.rsplit("_email", 1)[0] for column in self._columns if column.endswith("_email")}
        return sorted(groups)

    @property
    def _actor_columns(self) -> list[str]:
        if not self._actor_keys:
            return []
        return [column for column in self._columns if column == "actor_key" or column.endswith("_actor_key")]

    def _theirs(self, group: str) -> str:
        """Whether the columns of a group name the person. An account counts only where nothing better than a name is known."""
        person = self._person
        email, number = self._text(f"{group}_email", "lower"), self._text(f"{group}_number", "upper")
        source_id, name = self._text(f"{group}_source_id"), self._text(f"{group}_name")
        source = self._text("source")
        rules = [_is_in(email, person.emails), _is_in(number, person.numbers)]
        for value, pairs, only_where in (
            (source_id, person.source_ids, ""),
            (name, person.accounts, f" and coalesce({email}, {number}, {source_id}) is null"),
        ):
            for of_source in sorted({known for known, _ in pairs}):
                values = {entry for known, entry in pairs if known == of_source}
                rules.append(f"({_is_in(source, {of_source})} and {_is_in(value, values)}{only_where})")
        return _any([*rules, self._on_lent_days] if group == "person" else rules)

    @property
    def _on_lent_days(self) -> str:
        """Whether a row is of an account on days on which it was the person's."""
        days = [f"{quoted(column)}::date" for column in DAYS if column in self._columns]
        # Leave is that of whoever held the account on one of its days.
        first = "start_date" if self._is_of_leave else f"coalesce({', '.join(days)}, null)"
        last = "coalesce(end_date, start_date)" if self._is_of_leave else first
        if not days and not self._is_of_leave:
            return "false"
        rules = []
        for lent in sorted(self._person.lent):
            if account := self._is_account(lent):
                dates = f"{first} <= {literal(lent.to_date)}::date and {last} >= {literal(lent.from_date)}::date"
                rules.append(f"coalesce({account} and {dates}, false)")
        return _any(rules)

    def _is_account(self, lent: Lent) -> str:
        if {"source", "person_email", "person_source_id"} <= self._columns.keys():
            written = (("source", ""), ("person_email", "lower"), ("person_number", "upper"))
            texts = [self._text(*entry) for entry in (*written, ("person_source_id", ""), ("person_name", ""))]
            return " and ".join(
                f"coalesce({text}, '') = {literal(value)}" for text, value in zip(texts, lent, strict=False)
            )
        if "person_actor_key" in self._columns and lent.actor_key:
            return f"person_actor_key = {literal(lent.actor_key)}"
        return ""

    def _text(self, column: str, change: str = "") -> str:
        if column not in self._columns:
            return "null::varchar"
        return f"nullif({change}(trim({quoted(column)}::varchar)), '')"


def find_in_files(
    con: duckdb.DuckDBPyConnection, person: Person, stream: str, files: Sequence[Path]
) -> dict[Path, Found]:
    """What Parquet files of a stream hold of a person; files that hold nothing are left out."""
    if not files:
        return {}
    listed = "[" + ", ".join(literal(file) for file in files) + "]"
    relation = f"read_parquet({listed}, union_by_name = true, filename = true)"
    columns = columns_of(con, relation)
    columns.pop("filename")
    table = TableOf(person, stream, columns)
    rows = con.execute(
        f"select filename, count(*) filter ({table.own}), count(*) filter (not {table.own} and {table.mentions})"
        f" from {relation} group by filename"
    ).fetchall()
    found = {Path(file): Found(own, mentions) for file, own, mentions in rows}
    return {file: entry for file, entry in sorted(found.items()) if entry.any}


def write_without(con: duckdb.DuckDBPyConnection, person: Person, stream: str, file: Path, target: Path) -> None:
    """Writes the rows of a Parquet file to ``target``, without the person."""
    relation = f"read_parquet({literal(file)})"
    table = TableOf(person, stream, columns_of(con, relation))
    con.execute(
        f"copy (select {table.without} from {relation} where not {table.own}) to {literal(target)}"
        " (format parquet, compression zstd)"
    )


def columns_of(con: duckdb.DuckDBPyConnection, relation: str) -> dict[str, str]:
    """Columns of a relation with their types."""
    return {row[0]: row[1] for row in con.execute(f"describe select * from {relation}").fetchall()}


def without_text(person: Person, text: str) -> str:
    """A text in which the person is not named."""
    pattern = pattern_of(person)
    return re.sub(pattern, ERASED, text, flags=re.IGNORECASE) if pattern else text


def pattern_of(person: Person) -> str:
    """A regular expression, the same for Python and DuckDB, that finds what names the person in a text."""
    words = [rf"\b{_escaped(word)}\b" for word in person.whole_words]
    return "|".join([*map(_escaped, person.texts), *words])


def spellings(text: str) -> tuple[str, ...]:
    """A text in lower case as files may have it: itself, with accents of their own, and as JSON escapes it."""
    lower, upper = text.lower(), text.upper()
    if text.isascii():
        return (lower,)
    composed = unicodedata.normalize("NFC", lower), unicodedata.normalize("NFC", upper)
    written = [json.dumps(entry)[1:-1].lower() for entry in (unicodedata.normalize("NFC", text), *composed)]
    return tuple(dict.fromkeys((lower, composed[0], unicodedata.normalize("NFD", lower), *written)))


def _escaped(text: str) -> str:
    return "".join(map(_escaped_letter, unicodedata.normalize("NFC", text)))


def _escaped_letter(letter: str) -> str:
    if letter.isascii():
        return re.sub(r"([!-/:-@\[-^`{-~])", r"\\\1", letter)
    cases = {letter, letter.lower(), letter.upper()}
    # Where JSON stands within JSON, the backslash of an escape is escaped as well.
    in_json = {json.dumps(case)[1:-1].replace("\\", r"\\+") for case in cases}
    return f"(?:{'|'.join(sorted({*cases, unicodedata.normalize('NFD', letter), *in_json}))})"


def _is_in(expression: str, values: Collection[str]) -> str:
    if not values:
        return "false"
    return f"coalesce({expression} in ({', '.join(map(literal, sorted(values)))}), false)"


def _any(rules: Iterable[str]) -> str:
    kept = [rule for rule in rules if rule != "false"]
    return f"({' or '.join(kept)})" if kept else "false"
