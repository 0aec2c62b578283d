"""The oracle over a pack, and its comparison with the warehouse that was built from the same pack."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from tests.oracle.compare import Difference, differences
from tests.oracle.organisation import Pack
from tests.oracle.published import published
from tests.oracle.reading import Reading, Tables

if TYPE_CHECKING:
    import duckdb

Row = Mapping[str, Any]

#: Tables that are compared, each by these columns.
KEYS: dict[str, tuple[str, ...]] = {
    "core.fct_stream_accounts": ("source", "stream"),
    "core.fct_activities": ("source", "source_record_id", "day_part"),
    "core.fct_process_spans": ("source", "source_record_id"),
    "core.fct_capacity_days": ("person", "capacity_date"),
    "core.fct_tasks": ("source", "source_record_id"),
    "core.fct_task_status_spans": ("source", "task", "span_number"),
    "core.fct_milestones": ("source", "source_record_id"),
    "core.fct_task_totals": ("source", "task_key"),
    "core.fct_allocation_days": ("source", "source_record_id", "allocation_date"),
    "marts.mart_capture_gap__person_week": ("person", "week_start_date"),
    "marts.mart_fairness__population_month": ("month_start_date", "population_kind", "population"),
    "finance.core.fct_activity_amounts": ("source", "source_record_id", "day_part", "rate_type"),
    "marts.mart_process__activity_month": ("source", "process_name", "activity_name", "month_start_date"),
    "marts.mart_milestones__project": ("project",),
    "marts.mart_completion__project_week": ("project", "week_start_date"),
    "marts.mart_completion__team_week": ("team", "week_start_date"),
    "marts.mart_capacity__person_week": ("person", "week_start_date"),
    "marts.mart_capacity__team_week": ("team", "week_start_date"),
    "marts.mart_utilisation__person_week": ("person", "week_start_date"),
    "marts.mart_utilisation__team_week": ("team", "week_start_date"),
    "marts.mart_utilisation__team_month": ("team", "month_start_date"),
}

#: Those of them that the marts are made of.
FACTS = tuple(table for table in KEYS if table.startswith("core."))

#: Rows without a team belong to people of every tenant at once, and are compared under this name.
SHARED = "everybody"


def read(pack: Pack) -> dict[str, Reading]:
    """What the oracle makes of each tenant."""
    return {tenant: Reading(organisation, pack.policy) for tenant, organisation in pack.items()}


def judge(
    pack: Pack, connection: duckdb.DuckDBPyConnection, readings: Mapping[str, Reading] | None = None
) -> dict[str, list[Difference]]:
    """Differences by tenant; tenants without any are left out. Shared rows stand under SHARED."""
    readings = readings or read(pack)
    theirs = _published(pack, connection, KEYS)
    gaps: dict[str, list[Row]] = defaultdict(list)
    for gap in published(connection, "core.fct_gaps"):
        gaps[tenant_of(gap, pack)].append(gap)
    found = {
        tenant: _differences(reading.tables(gaps[tenant]), theirs[tenant], pack, tenant)
        for tenant, reading in readings.items()
    }
    everything = [gap for told in gaps.values() for gap in told]
    found[SHARED] = _differences(Reading.of_all(readings.values()).marts(everything), theirs[SHARED], pack, SHARED)
    return {tenant: told for tenant, told in found.items() if told}


def judge_facts(
    pack: Pack, connection: duckdb.DuckDBPyConnection, readings: Mapping[str, Reading]
) -> dict[str, list[Difference]]:
    """As ``judge``, of the facts alone: the marts need not be there."""
    theirs = _published(pack, connection, FACTS)
    found = {
        tenant: _differences(reading.facts(), theirs[tenant], pack, tenant) for tenant, reading in readings.items()
    }
    return {tenant: told for tenant, told in found.items() if told}


def _published(pack: Pack, connection: duckdb.DuckDBPyConnection, tables: Iterable[str]) -> dict[str, Tables]:
    found: dict[str, Tables] = defaultdict(lambda: defaultdict(list))
    for table in tables:
        for row in published(connection, table):
            found[tenant_of(row, pack)][table].append(row)
    return found


def _differences(ours: Tables, theirs: Tables, pack: Pack, tenant: str) -> list[Difference]:
    return [
        difference
        for table, rows in ours.items()
        for difference in differences(
            table, KEYS[table], [row for row in rows if tenant_of(row, pack) == tenant], theirs[table]
        )
    ]


def tenant_of(row: Row, pack: Pack) -> str:
    """Tenant that a row belongs to by the name of its source, person, team or project."""
    for name in ("source", "person", "team", "project"):
        text = str(row.get(name) or "").upper()
        for start in range(len(text) - 3):
            if text[start : start + 4] in pack.tenants:
                return text[start : start + 4]
    return SHARED
