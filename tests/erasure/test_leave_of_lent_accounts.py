"""Leave on an account that was somebody's for some days: it goes with whoever held the account on one of its days."""

from __future__ import annotations

import duckdb
import pytest

from connectors.persons import Lent, Person, TableOf, columns_of

ADA = Person(lent=frozenset({Lent("desk", "", "", "reception", "", "2026-01-12", "2026-01-14")}))


@pytest.mark.parametrize(
    ("stream", "theirs"),
    [("absences", ["begun before", "her own"]), ("stg_absences", ["begun before", "her own"]), ("allocations", [])],
)
def test_leave_goes_with_who_held_the_account(stream: str, theirs: list[str]) -> None:
    """A booking of a shared login stays the login's."""
    with duckdb.connect() as con:
        con.execute(
            "create table leave as select 'desk' as source, null::varchar as person_email, null::varchar as person_number,"
            " 'reception' as person_source_id, null::varchar as person_name, * from (values"
            " ('her own', date '2026-01-13', date '2026-01-14'), ('his', date '2026-01-15', date '2026-01-16'),"
            " ('begun before', date '2026-01-09', date '2026-01-12'), ('before', date '2026-01-09', null)"
            ") as rows(record, start_date, end_date)"
        )
        own = TableOf(ADA, stream, columns_of(con, "leave")).own
        assert con.execute(f"select list(record order by record) from leave where {own}").fetchone() == (
            theirs or None,
        )
