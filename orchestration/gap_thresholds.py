"""The limits inside gap rules that a workspace may set in ``policy.gaps``, and what they are where it does not."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Threshold:
    """A limit of a rule. ``by_source``: sources may have limits of their own, since the rule judges them one by one."""

    rule: str
    name: str
    default: float
    meaning: str
    by_source: bool = False


THRESHOLDS = (
    Threshold("short_exports", "scatters", 4, "times the usual scatter from which a day is unusual", True),
    Threshold("short_exports", "short_percent", 67, "per cent of the usual hours below which a day is short", True),
    Threshold("short_exports", "long_percent", 150, "per cent of the usual hours above which a day is long", True),
    Threshold("short_exports", "smallest_hours", 24, "hours that unusual days in a row lack or exceed", True),
    Threshold(
        "unusual_row_counts", "short_percent", 50, "per cent of the usual rows below which a list is short", True
    ),
    Threshold("unusual_row_counts", "long_percent", 300, "per cent of the usual rows above which a list is long", True),
    Threshold("unusual_row_counts", "smallest_rows", 20, "rows from which a list says something", True),
    Threshold("silent_sources", "late_working_days", 0, "working days that an export may come after it is due", True),
    Threshold(
        "task_data_older_than_time", "late_working_days", 0, "working days that tasks may come after they are due", True
    ),
    Threshold("durations_disagree", "tolerance_seconds", 60, "seconds by which an entry's times may differ", True),
    Threshold(
        "sources_disagree", "differing_percent", 25, "per cent of the greater sum that two sources may differ", True
    ),
    Threshold("unlogged_days", "smallest_days", 5, "logged days from which somebody has a habit"),
    Threshold("unlogged_days", "logged_percent", 50, "per cent of working days that somebody with a habit logs"),
    Threshold(
        "seldom_logged_weeks", "logged_percent", 50, "per cent of a week's working days below which it is seldom"
    ),
    Threshold("over_allocated", "booked_percent", 100, "per cent of a week's capacity that may be booked"),
)


def thresholds_of(rule: str) -> dict[str, Threshold]:
    """Limits of a rule by name; none where it has none."""
    return {threshold.name: threshold for threshold in THRESHOLDS if threshold.rule == rule}
