"""Who was erased, known by nothing but salted hashes: what an export still says of them is taken out as it comes in.

The list cannot be read back into names. Whoever has it and its salt can try addresses they know: it lies where the raw exports
lie, readable by the service only.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from connectors.durable import keep_file
from connectors.mapping_job import Accounting
from connectors.mapping_sql import DURATIONS
from connectors.persons import PARTS, Lent, Person, TableOf, columns_of, write_without
from connectors.raw_texts import UNREADABLE
from connectors.sql_text import literal
from data_contracts.errors import WorkledgerError

if TYPE_CHECKING:
    import duckdb

RULE = "erased"
NOBODY = Person()
ADDRESS = re.compile(r"[\w.+%'-]+@[\w-]+(?:\.[\w-]+)+")


@dataclass(frozen=True)
class Suppressed:
    """Salted hashes of what led to people who were erased. ``lent`` are those of accounts, each with its first and last day."""

    salt: str
    hashes: frozenset[str]
    lent: frozenset[tuple[str, str, str]] = frozenset()

    def __bool__(self) -> bool:
        return bool(self.hashes)

    def has(self, kind: str, value: str, source: str = "") -> bool:
        """Whether this address, number, id or account of a source was an erased person's."""
        return self.hash_of(kind, value, source) in self.hashes

    def hash_of(self, kind: str, value: str, source: str = "") -> str:
        """What is kept of one identifier."""
        return hashlib.sha256("\x1f".join((self.salt, kind, source, value)).encode()).hexdigest()

    def hashes_of(self, person: Person) -> frozenset[str]:
        """What is kept of one person. Names are not, where anything better leads to the person: others may bear them."""
        return frozenset(
            [
                *(self.hash_of("email", email) for email in person.emails),
                *(self.hash_of("number", number) for number in person.numbers),
                *(self.hash_of("source_id", identifier, source) for source, identifier in person.source_ids),
                *(self.hash_of("account", name, source) for source, name in person.accounts),
                *(self.hash_of("key", key) for key in person.keys),
            ]
        )

    def lent_of(self, person: Person) -> frozenset[tuple[str, str, str]]:
        """What is kept of accounts that were the person's for some days only."""
        return frozenset((self.hash_of_account(lent), lent.from_date, lent.to_date) for lent in person.lent)

    def hash_of_account(self, lent: Lent) -> str:
        """What is kept of an account, by all that its source writes for it."""
        return self.hash_of("lent", "\x1f".join((lent.email, lent.number, lent.source_id, lent.name)), lent.source)


def read_suppressed(path: Path) -> Suppressed:
    """The list at ``path``; empty where nobody was erased yet. Raises WorkledgerError where it is damaged."""
    try:
        entry = json.loads(path.read_text(encoding="ascii"))
        return Suppressed(entry["salt"], frozenset(entry["hashes"]), frozenset(map(tuple, entry.get("lent", ()))))
    except FileNotFoundError:
        return Suppressed("", frozenset())
    except (ValueError, TypeError, KeyError) as error:
        raise WorkledgerError(
            "The list of who was erased is damaged",
            where=str(path),
            remedy="Restore it from the back-up: without it, erased people come back with the next export.",
        ) from error


def suppress(
    suppressed: Suppressed,
    stream: str,
    source: str,
    file: Path,
    done: Accounting,
    quarantined: Collection[int],
    named: Person = NOBODY,
) -> tuple[Accounting, Person]:
    """Takes erased people out of a stream's file, which is replaced; returns the account of it and whom it spoke of.

    Their primary rows are filtered by the rule ``erased``. ``quarantined`` primary rows are not loaded, whatever became of others
    that were made of them. ``named`` is who is known to be named anywhere in the delivery.
    """
    import duckdb

    with duckdb.connect() as con:
        con.execute("set TimeZone = 'UTC'; set threads = 1")
        person = _recognise(con, suppressed, stream, source, file)
        person = replace(person, emails=person.emails | named.emails)
        if person.is_nobody:
            return done, person
        target = file.with_suffix(".erasing")
        write_without(con, person, stream, file, target)
        loaded, us = _look_at(con, stream, target, quarantined)
        keep_file(target, file)
    filtered = {**done.filtered_by, RULE: done.filtered_by.get(RULE, 0) + done.loaded - loaded}
    if done.us_loaded is None:
        return replace(done, loaded=loaded, filtered_by=filtered), person
    us_read = None if done.us_read is None else done.us_read - done.us_loaded + us
    return replace(done, loaded=loaded, filtered_by=filtered, us_read=us_read, us_loaded=us), person


def suppress_quarantine(person: Person, file: Path) -> None:
    """Takes what names erased people out of the values that could not be read."""
    import duckdb

    if person.is_nobody or not file.is_file():
        return
    target = file.with_suffix(".erasing")
    with duckdb.connect() as con:
        write_without(con, person, "quarantine", file, target)
    keep_file(target, file)


def named_in(suppressed: Suppressed, texts: Iterable[str]) -> Person:
    """Erased people whose e-mail address is anywhere in the texts, also where no row of theirs can be read."""
    tried: set[str] = set()
    with contextlib.suppress(*UNREADABLE):
        for text in texts:
            tried |= {found.lower() for found in ADDRESS.findall(text)}
    return Person(emails=frozenset(address for address in tried if suppressed.has("email", address)))


def _recognise(con: duckdb.DuckDBPyConnection, suppressed: Suppressed, stream: str, source: str, file: Path) -> Person:
    """Erased people that a stream's file names, as if they were one; nobody where it names none."""
    relation = f"read_parquet({literal(file)})"
    columns = columns_of(con, relation)
    found: dict[str, set[str]] = {"email": set(), "number": set(), "source_id": set(), "name": set()}
    for column in columns:
        group, _, part = column.partition("_")
        if part not in found or f"{group}_number" not in columns:
            continue
        kind = "account" if part == "name" else part
        of = source if part in ("source_id", "name") else ""
        change = {"email": "lower", "number": "upper"}.get(part, "")
        values = con.execute(
            f"select {change}(trim({column}::varchar)) from {relation} where trim({column}::varchar) <> '' group by all"
        ).fetchall()
        found[part] |= {value for (value,) in values if suppressed.has(kind, value, of)}
    person = Person(
        emails=frozenset(found["email"]),
        numbers=frozenset(found["number"]),
        source_ids=frozenset((source, value) for value in found["source_id"]),
        accounts=frozenset((source, value) for value in found["name"]),
    )
    lent = _lent(con, suppressed, stream, source, relation, columns)
    if person.is_nobody or "person_name" not in columns:
        return replace(person, lent=lent)
    own = TableOf(person, stream, columns).own
    names = con.execute(
        f"select trim(person_name) from {relation} where person_name is not null group by all having bool_and({own})"
    ).fetchall()
    return replace(person, names=frozenset(name for (name,) in names), lent=lent)


def _lent(
    con: duckdb.DuckDBPyConnection,
    suppressed: Suppressed,
    stream: str,
    source: str,
    relation: str,
    columns: Mapping[str, str],
) -> frozenset[Lent]:
    """Accounts of which there are rows on days on which they were an erased person's."""
    if not suppressed.lent or not {f"person_{part}" for part in PARTS} <= columns.keys():
        return frozenset()
    changes = {"email": "lower", "number": "upper"}
    written = ", ".join(f"coalesce({changes.get(part, '')}(trim(person_{part}::varchar)), '')" for part in PARTS)
    found: set[Lent] = set()
    for account in con.execute(f"select {written} from {relation} group by all").fetchall():
        email, number, source_id, name = account
        undated = Lent(source, email, number, source_id, name, "", "")
        hashed = suppressed.hash_of_account(undated)
        days = ((first, last) for known, first, last in suppressed.lent if known == hashed)
        for lent in (undated._replace(from_date=first, to_date=last) for first, last in days):
            table = TableOf(Person(lent=frozenset({lent})), stream, columns)
            row = con.execute(f"select count(*) from {relation} where {table.own} or {table.mentions}").fetchone()
            if row and row[0]:
                found.add(lent)
    return frozenset(found)


def _look_at(con: duckdb.DuckDBPyConnection, stream: str, file: Path, quarantined: Collection[int]) -> tuple[int, int]:
    listed = ", ".join(map(str, sorted(quarantined))) or "null"
    row = con.execute(
        f"select count(distinct _row) filter (coalesce(_row not in ({listed}), true)),"
        f" coalesce(sum({DURATIONS.get(stream, '0')}), 0)::bigint from read_parquet({literal(file)})"
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else (0, 0)
