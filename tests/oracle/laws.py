"""What must add up, whatever happened: conservation laws over the published tables, tenant or not.

Each law is a query whose rows break it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb

REASONS = (
    "evidence",
    "system_account",
    "undated",
    "after_as_of",
    "outside_calendar",
    "absence",
    "other_source_has_authority",
)
_ACCOUNTS = "select source, stream from analyst.core.fct_stream_accounts where not ({})"


def _sum_of(columns: list[str]) -> str:
    return " + ".join(f"coalesce({column}, 0)" for column in columns)


def _reasons(unit: str) -> str:
    return _sum_of([f"counted_{unit}", *(f"not_counted_{reason}_{unit}" for reason in REASONS)])


def _fates(unit: str) -> str:
    return _sum_of([f"{fate}_{unit}" for fate in ("superseded", "tombstoned", "vanished", "staged")])


def _totals(one: str, other: str) -> str:
    """Two sums, each written ``value from table``, that must be equal, in hours or rows."""
    sums = [
        f"(select coalesce(sum({value}), 0) as total from {rest})"
        for value, _, rest in (part.partition(" from ") for part in (one, other))
    ]
    return f"""select one.total, other.total from {sums[0]} as one, {sums[1]} as other
        where abs(one.total - other.total) > 0.0001"""


_COUNTED = "logged_hours from analyst.core.fct_activities where is_counted"
_EFFECTIVE = """effective_capacity_hours from analyst.core.fct_capacity_days
    where capacity_date <= (select as_of_date from state.workspace.as_of)"""
_CONFIRMED = """allocated_hours from analyst.core.fct_allocation_days
    where booking_status = 'confirmed' and person_key is not null"""

LAWS: dict[str, str] = {
    "read rows = loaded + merged + quarantined + filtered": _ACCOUNTS.format(
        "rows_read = rows_loaded + rows_merged + rows_quarantined + rows_filtered"
    ),
    "loaded rows are delivered": _ACCOUNTS.format("rows_loaded = delivered_rows"),
    "loaded time is delivered": _ACCOUNTS.format("coalesce(us_loaded, 0) = coalesce(delivered_us, 0)"),
    "delivered rows = superseded + tombstoned + vanished + staged": _ACCOUNTS.format(
        f"delivered_rows = {_fates('rows')}"
    ),
    "delivered time = superseded + tombstoned + vanished + staged": _ACCOUNTS.format(
        f"coalesce(delivered_us, 0) = {_fates('us')}"
    ),
    "staged entries are in the fact": _ACCOUNTS.format("stream <> 'time_entries' or staged_rows = fact_rows"),
    "staged time is in the fact": _ACCOUNTS.format(
        "stream <> 'time_entries' or staged_us is not distinct from fact_us"
    ),
    "the fact's rows count or say why not": _ACCOUNTS.format(f"fact_rows = {_reasons('rows')}"),
    "the fact's time counts or says why not": _ACCOUNTS.format(f"coalesce(fact_us, 0) = {_reasons('us')}"),
    "an unknown duration is a row and never a zero": """select activity_key from analyst.core.fct_activities
        where (duration_us is null) <> (logged_hours is null)""",
    "effective = contracted - absent, none of them negative": """select person_key from analyst.core.fct_capacity_days
        where effective_us is distinct from contracted_us - absent_us or effective_us < 0 or absent_us < 0""",
    "every task is placed once in the projects": _totals(
        "placed_tasks from analyst.marts.mart_completion__project_week", "1 from analyst.core.fct_tasks"
    ),
    "every task is placed once in the teams": _totals(
        "placed_tasks from analyst.marts.mart_completion__team_week", "1 from analyst.core.fct_tasks"
    ),
    "a task has one end": """select project_week_key from analyst.marts.mart_completion__project_week
        where placed_tasks <> on_time_tasks + finished_late_tasks + overdue_tasks + not_yet_due_tasks
            + unknown_baseline_tasks + no_due_date_tasks + finished_undated_tasks + cancelled_tasks""",
    "placeholders stand beside": _totals(
        "coalesce(placeholder_allocated_hours, 0) from analyst.marts.mart_capacity__team_week",
        "allocated_hours from analyst.core.fct_allocation_days where is_placeholder and booking_status = 'confirmed'",
    ),
    **{
        f"counted hours are in {mart}": _totals(f"counted_hours from analyst.marts.mart_utilisation__{mart}", _COUNTED)
        for mart in ("person_week", "team_week", "team_month")
    },
    **{
        f"counted = with capacity + without + unplaced in {mart}": f"""select * from analyst.marts.mart_utilisation__{mart}
            where abs(counted_hours - counted_hours_with_capacity - hours_without_capacity - unplaced_hours) > 0.000001"""
        for mart in ("person_week", "team_week", "team_month")
    },
    **{
        f"capacity is in {mart}": _totals(
            f"effective_capacity_hours from analyst.marts.mart_utilisation__{mart}", _EFFECTIVE
        )
        for mart in ("person_week", "team_week", "team_month")
    },
    **{
        f"confirmed bookings are in {mart}": _totals(
            f"allocated_hours from analyst.marts.mart_capacity__{mart}", _CONFIRMED
        )
        for mart in ("person_week", "team_week")
    },
}


def broken_laws(connection: duckdb.DuckDBPyConnection) -> list[str]:
    """Each law that some row breaks, with one of them."""
    broken = []
    for law, query in LAWS.items():
        row = connection.execute(f"{query} limit 1").fetchone()
        if row is not None:
            broken.append(f"{law}: {row}")
    return broken
