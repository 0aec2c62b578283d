"""Which days of a table are to be built again: those that what changed in its inputs since the version before bears on.

Both versions of every input are tables in files, so nothing else has to be remembered, and a version that was rolled back or
restored is as good to start from as the last. An input that a model says nothing about bears on every day: to say too little
costs time, and never a false row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from connectors.sql_text import literal, quoted

BEFORE = "before_"
#: Days apart up to which two stretches are built again as one: a query with few conditions costs less than the days between.
APART = timedelta(days=31)
#: No row of a table that is built by days speaks of more of them than a month has.
WIDEST = timedelta(days=31)
Stretch = tuple[date, date]
EVERY_DAY: tuple[Stretch, ...] = ((date.min, date.max),)


@dataclass(frozen=True)
class Span:
    """SQL over a table's columns: the first and last day that a row speaks of or bears on.

    NULL is open to that side; a row whose first day is after its last bears on none.
    """

    first: str
    last: str
    #: The table is one row that moves, as the day of the version does: it bears on all days from where it was to where it is.
    is_mark: bool = False
    #: Columns that bound the days of which all others say the same: where an end alone moved, a row bears on days that it passed.
    bounds: tuple[str, ...] = ()
    #: Columns that the model does not read: what changes in them bears on nothing.
    unread: tuple[str, ...] = ()

    def within(self, stretches: Iterable[Stretch], *, may_be_open: bool = False) -> str:
        """SQL that holds for rows of which a day lies in one of ``stretches``."""
        first_day, last_day = self.first, self.last
        if may_be_open:
            first_day, last_day = (
                f"coalesce({first_day}, date '{date.min}')",
                f"coalesce({last_day}, date '{date.max}')",
            )
        told = [f"({first_day} <= date '{last}' and {last_day} >= date '{first}')" for first, last in stretches]
        return f"({' or '.join(told)})" if told else "false"


@dataclass(frozen=True)
class Through:
    """A row bears on the days of the rows that have its key in another table, or in the version before of the table itself."""

    key: str
    rows: str
    #: The column of ``rows`` that has the key, and the days of these rows.
    column: str
    days: Span
    #: As of a Span.
    unread: tuple[str, ...] = ()


@dataclass(frozen=True)
class ByDays:
    """How a table is built by days. Relations are ``"catalog"."schema"."table"`` as in compiled SQL."""

    #: Days that a row of the table speaks of.
    days: Span
    #: Every table that the model stands on, views looked through, and the days that a row of it bears on; None is all.
    inputs: Mapping[str, Span | Through | None]
    #: Inputs of which only rows that bear on the days in question are read.
    narrowed: Sequence[str] = ()
    #: Tables and views a row of which ties its days together: where something bears on one of them, it bears on all.
    ties: Mapping[str, Span] = field(default_factory=dict)
    #: SQL of the views between the model and its inputs, each before those that it reads.
    views: Mapping[str, str] = field(default_factory=dict)


class Changes:
    """What changed in the inputs of tables that are built by days. Each is looked at once: marts share what they stand on."""

    def __init__(self, connection: Any, files: Mapping[str, Path], models: Iterable[ByDays]) -> None:
        """``files`` by catalog are those of the version before, ``models`` all that may be asked about."""
        self._connection = connection
        self._before = _attach_before(connection, files)
        self._spans: dict[tuple[str, tuple[str, ...]], list[Span]] = defaultdict(list)
        for model in models:
            for relation, span in model.inputs.items():
                if isinstance(span, Span) and span not in self._spans[relation, span.unread]:
                    self._spans[relation, span.unread].append(span)
        #: Queries of rows now and before among which all are that differ, of tables that were not built whole.
        self._differing: dict[str, tuple[str, str]] = {}
        self._found: dict[tuple[str, tuple[str, ...]], list[tuple[Any, ...]]] = {}
        self._lasting: dict[tuple[str, Span], list[Stretch]] = {}
        self._tied: dict[tuple[str, Span], list[Stretch]] = {}

    def knows(self, relation: str) -> bool:
        """Whether the version before has the table."""
        return relation in self._before

    def has_changed(self, relation: str) -> bool:
        """Whether a row of the table is not as in the version before."""
        return relation not in self._before or bool(self._look(relation, ()))

    def differ_among(self, relation: str, now: str, then: str) -> None:
        """Rows of the table are the same in both versions but for those of two queries."""
        self._differing[relation] = (now, then)

    def days_of(self, relation: str, model: ByDays) -> tuple[Stretch, ...]:
        """Stretches of days of ``relation`` to build again, in order and apart; EVERY_DAY where it cannot be told."""
        stretches = self._days_of(relation, model) if relation in self._before else EVERY_DAY
        if stretches != EVERY_DAY:
            where = f" where {model.days.within(stretches)}"
            self.differ_among(relation, f"from {relation}{where}", f"from {before(relation)}{where}")
        return stretches

    def _days_of(self, table: str, model: ByDays) -> tuple[Stretch, ...]:
        found: list[Stretch] = []
        for relation, reach in model.inputs.items():
            changed = (
                self._changed_through(relation, reach, table)
                if isinstance(reach, Through)
                else self._changed(relation, reach)
            )
            found += [(first, last) for first, last in changed if first <= last]
            if EVERY_DAY[0] in found:
                return EVERY_DAY
        return tied(joined(found), [tie for relation, span in model.ties.items() for tie in self._ties(relation, span)])

    def _ties(self, relation: str, span: Span) -> list[Stretch]:
        """Days of the rows that speak of more than one."""
        if (relation, span) not in self._tied:
            first, last = _known_day(span.first), _known_day(span.last)
            query = f"select distinct {first} as a, {last} as b from {relation} where {span.first} < {span.last}"
            self._tied[relation, span] = self._connection.execute(query).fetchall()
        return self._tied[relation, span]

    def _changed_through(self, relation: str, through: Through, table: str) -> list[Stretch]:
        if relation not in self._before:
            return list(EVERY_DAY)
        now, then = (
            f"select {through.key} as key, {_hash_less(through.unread)} from ({rows})" for rows in self._rows(relation)
        )
        self._connection.execute(
            "create or replace temp table changed_keys as select distinct key from"
            f" (({now} except all {then}) union all ({then} except all {now})) where key is not null"
        )
        if not self._connection.execute("from temp.main.changed_keys limit 1").fetchone():
            return []
        rows = before(table) if through.rows == table else through.rows
        first, last = _known_day(through.days.first), _known_day(through.days.last)
        found = self._connection.execute(
            f"select distinct {first}, {last} from {rows} where {through.column} in (from temp.main.changed_keys)"
        ).fetchall()
        return [(first or date.min, last or date.max) for first, last in found]

    def _changed(self, relation: str, span: Span | None) -> list[Stretch]:
        if relation not in self._before:
            return list(EVERY_DAY)
        if span is None:
            return list(EVERY_DAY) if self._look(relation, ()) else []
        if span.bounds:
            return self._look_at_lasting(relation, span)
        at = 2 * self._spans[relation, span.unread].index(span)
        days = [(row[at] or date.min, row[at + 1] or date.max) for row in self._look(relation, span.unread)]
        if days and span.is_mark:
            return [(min(first for first, _ in days), max(last for _, last in days))]
        return days

    def _look(self, relation: str, unread: tuple[str, ...]) -> list[tuple[Any, ...]]:
        """First and last day by every span that somebody asks for, of the rows that only one of the versions has."""
        if (relation, unread) not in self._found:
            days = [day for span in self._spans[relation, unread] for day in (span.first, span.last)]
            columns = ", ".join(map(_known_day, days)) or "null"
            now, then = (
                f"select {columns}, count(*), sum({_hash_less(unread)}) from ({rows}) group by all"
                for rows in self._rows(relation)
            )
            differing = f"({now} except {then}) union all ({then} except {now})"
            self._found[relation, unread] = self._connection.execute(differing).fetchall()
        return self._found[relation, unread]

    def _look_at_lasting(self, relation: str, span: Span) -> list[Stretch]:
        """Days on which rows of the two versions say different things, of a table whose rows last."""
        if (relation, span) not in self._lasting:
            columns = f"{_known_day(span.first)}, {_known_day(span.last)}, {_hash_less((*span.bounds, *span.unread))}"
            now, then = (f"select {columns} from ({rows})" for rows in self._rows(relation))
            said: dict[int, tuple[list[Stretch], list[Stretch]]] = defaultdict(lambda: ([], []))
            is_open: set[int] = set()
            for side, (one, other) in enumerate(((now, then), (then, now))):
                for first, last, saying in self._connection.execute(f"{one} except all {other}").fetchall():
                    said[saying][side].append((first or date.min, last or date.max))
                    if first is None:
                        is_open.add(saying)
            found: list[Stretch] = []
            for saying, (here, there) in said.items():
                # Some models read a row without a first day as one of no day at all.
                if len(here) == len(there) == 1 and saying not in is_open:
                    found += [(min(ends), max(ends)) for ends in zip(*here, *there, strict=True) if ends[0] != ends[1]]
                else:
                    found += [*here, *there]
            self._lasting[relation, span] = found
        return self._lasting[relation, span]

    def _rows(self, relation: str) -> tuple[str, str]:
        """Rows of the table now and before, as queries; of one not built whole those among which all are that differ."""
        return self._differing.get(relation, (f"from {relation}", f"from {before(relation)}"))


def _known_day(day: str) -> str:
    """A day that Python knows too: a source may write one before the year 1 or after 9999."""
    return (
        f"case when {day} < date '{date.min}' then date '{date.min}' when {day} > date '{date.max}' then date '{date.max}'"
        f" else {day} end"
    )


def _hash_less(columns: Sequence[str]) -> str:
    """Hash of a row without some of its columns."""
    return f"hash(*columns(* exclude ({', '.join(map(quoted, columns))})))" if columns else "hash(*columns(*))"


def before(relation: str) -> str:
    """The table of the version before."""
    return f'"{BEFORE}{relation[1:]}'


def joined(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Stretches in order, those that meet or lie close together as one."""
    told: list[Stretch] = []
    for first, last in sorted(stretches):
        if told and (told[-1][1] == date.max or first - told[-1][1] <= APART):
            told[-1] = (told[-1][0], max(told[-1][1], last))
        else:
            told.append((first, last))
    return tuple(told)


def tied(stretches: tuple[Stretch, ...], ties: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Stretches with every day of the ties that they meet, and of those that these meet."""
    apart = list(ties)
    while meeting := [tie for tie in apart if any(tie[0] <= last and tie[1] >= first for first, last in stretches)]:
        stretches = joined([*stretches, *meeting])
        apart = [tie for tie in apart if tie not in meeting]
    return stretches


def widened(stretches: Iterable[Stretch]) -> tuple[Stretch, ...]:
    """Stretches with every day that a row which speaks of one of their days may speak of too."""
    return joined(
        (
            first if first - date.min < WIDEST else first - WIDEST,
            last if date.max - last < WIDEST else last + WIDEST,
        )
        for first, last in stretches
    )


def narrowed(query: str, model: ByDays, stretches: Iterable[Stretch]) -> str:
    """``query`` reading of its narrowed inputs only what bears on the days."""
    wide = widened(stretches)
    if model.narrowed:
        for view, text in model.views.items():
            query = query.replace(view, f"({text}\n)")
    for relation in model.narrowed:
        span = model.inputs[relation]
        assert isinstance(span, Span)
        query = query.replace(relation, f"(from {relation} where {span.within(wide, may_be_open=True)})")
    return query


def _attach_before(connection: Any, files: Mapping[str, Path]) -> frozenset[str]:
    """Attach the version before, read-only; its tables, as relations of the build."""
    found: set[str] = set()
    for catalog, path in files.items():
        connection.execute(f"attach {literal(path)} as {quoted(BEFORE + catalog)} (read_only)")
        rows = connection.execute(
            "select schema_name, table_name from duckdb_tables() where database_name = ?", [BEFORE + catalog]
        ).fetchall()
        found.update(".".join(map(quoted, (catalog, *row))) for row in rows)
    return frozenset(found)
