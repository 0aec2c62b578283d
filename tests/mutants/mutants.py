"""Every mutant, and those known to survive, each with the reason why that may be."""

from __future__ import annotations

from collections.abc import Mapping

from tests.mutants.people import PEOPLE
from tests.mutants.plans import PLANS
from tests.mutants.records import RECORDS
from tests.mutants.tasks import TASKS
from tests.mutants.work import WORK

MUTANTS = (*RECORDS, *PEOPLE, *WORK, *PLANS, *TASKS)

#: By name. One that is listed and dies is an error too: the reason is no longer true.
SURVIVORS: Mapping[str, str] = {
    "a week of unknown days is complete": "a day of unknown capacity is a gap, which alone keeps its week incomplete: only"
    " where somebody accepted that gap could one tell, and the organisations accept none",
    "changes of one instant in the order of their ids": "in the organisations ids stand in the order of the sequence",
    "repeating a status is a change": "spans of one status cut in two have the same sum, start and finish; the spans themselves"
    " (fct_task_status_spans) are not compared",
    "a finish that was undone is the finish": "shows on a done task whose recorded changes end in another status: none of the"
    " organisations has one",
    "the median is a mean": "of one or two cycles the median is their mean; no row of the organisations has three that tell",
}
