"""Which deliveries stand behind what changed in a period: those of the rows that are not the same in two versions.

A row that one version lacks is there no more because of a later export of its source, so the changed deliveries of that source
stand behind it where its own is in both. What only a roster, a setting or the code changed has no row of work, and names none.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

Columns = Mapping[str, Mapping[str, str]]
#: Tables whose rows name their delivery, and the dates by which marts count them.
DATES = {
    "core.fct_activities": ("work_date", "period_start_date", "period_end_date"),
    "core.fct_allocation_days": ("allocation_date",),
    "core.fct_milestones": ("baseline_date", "due_date", "completed_date"),
    "core.fct_process_spans": ("work_date",),
    "core.fct_tasks": ("created_date", "started_date", "completed_date", "due_date", "baseline_due_date"),
}


class ChangedRows:
    """Deliveries by source, of the week and of the month that begins on a date (ISO text)."""

    def __init__(self, con: Any, before: Columns, after: Columns, deliveries: Iterable[tuple[str, str]]) -> None:
        """``con`` has both versions' analyst files attached as ``before`` and ``after``.

        ``deliveries`` are source and id of those that only one of the two has, or that brought other rows.
        """
        of_source: dict[str, set[str]] = defaultdict(set)
        for source, delivery in deliveries:
            of_source[source].add(delivery)
        self._of_source = of_source
        self._found: dict[tuple[str | None, str], dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
        for table, dates in DATES.items():
            for here, there, has, other in (("before", "after", before, after), ("after", "before", after, before)):
                if of_source and "delivery_id" in has.get(table, {}):
                    sql = _changed(table, here, there, has[table], other.get(table, {}), dates)
                    for month, week, source, delivery in con.execute(sql).fetchall():
                        behind = {delivery} & of_source[source] or of_source[source]
                        for period in (("month", month), ("week", week)):
                            self._found[period][source] |= behind

    def deliveries(self, grain: str | None, period: str | None, source: str | None) -> tuple[str, ...]:
        """Ids, sorted; of every source where ``source`` is None. What has no period stands on all that its source brought."""
        if grain is None or period is None:
            return tuple(sorted(self._of_source.get(source or "", ())))
        found = self._found.get((grain, period), {})
        return tuple(sorted(set().union(*(ids for name, ids in found.items() if source in (None, name)))))


def _changed(
    table: str, here: str, there: str, has: Mapping[str, str], other: Mapping[str, str], dates: Iterable[str]
) -> str:
    """Month, week, source and delivery of rows that only one side has."""
    common = [name for name in has if has[name] == other.get(name) and name != "delivery_id"]
    same = " and ".join(f't."{name}" is not distinct from o."{name}"' for name in common) or "false"
    missing = f"anti join {there}.{table} as o on {same}" if other else ""
    days = ", ".join(f"t.{name}" for name in dates if name in has)
    return (
        "select d.month_start_date::varchar, d.week_start_date::varchar, rows.source, rows.delivery_id from"
        f" (select distinct unnest([{days}]) as day, t.source, t.delivery_id from {here}.{table} as t {missing}) as rows"
        f" inner join {here}.core.dim_dates as d on rows.day = d.calendar_date group by all"
    )
