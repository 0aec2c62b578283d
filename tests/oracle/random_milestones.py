"""Random milestones: dates kept, moved and first seen late, told in two exports."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from tests.oracle.draws import Draw, Frame, chance, day_in, extraction, number, pick
from tests.oracle.organisation import Delivery
from tests.oracle.random_work import PROJECTS

STATUSES = (None, "todo", "active", "done", "done", "cancelled")


def milestone(draw: Draw, record: str, life: Frame) -> dict[str, Any]:
    """One version of a milestone."""
    due = pick(draw, (None, day_in(draw, life), day_in(draw, life), life.end + timedelta(days=number(draw, 0, 30))))
    return {
        "source_record_id": record,
        "milestone_name": f"Milestone {record}",
        "baseline_basis": pick(draw, ("reported", "reported", "original", "first_observed")),
        "baseline_date": pick(draw, (None, due, day_in(draw, life))),
        "due_date": due,
        "completed_date": day_in(draw, life) if chance(draw, 3) else None,
        "status_category": pick(draw, STATUSES),
        **pick(draw, PROJECTS),
    }


def plan_of_dates(draw: Draw, source: str, life: Frame) -> list[Delivery]:
    """A list of milestones exported twice: between the two some are moved, finished, deleted or no longer told."""
    first = [milestone(draw, f"m{index}", life) for index in range(number(draw, 1, 4))]
    second = []
    for row in first:
        change = number(draw, 0, 4)
        if change == 0:
            second.append(row)
        elif change == 1:
            later = (row["due_date"] or day_in(draw, life)) + timedelta(days=number(draw, -3, 20))
            second.append(row | {"due_date": later})
        elif change == 2:
            second.append(row | {"completed_date": day_in(draw, life), "status_category": "done"})
        elif change == 3:
            second.append(row | {"is_deleted": True})
    # The first is taken before some of the dates have come, or after all of them.
    moments = extraction(life, pick(draw, (-4, 0))), extraction(life, 3)
    mode = pick(draw, ("full", "changes"))
    return [
        Delivery(source, "milestones", tuple(rows), moment, mode)
        for rows, moment in zip((first, second), moments, strict=True)
    ]
