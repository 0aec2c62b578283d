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
}
