"""Every mutant."""

from __future__ import annotations

from tests.mutants.milestones import MILESTONES
from tests.mutants.money import MONEY
from tests.mutants.people import PEOPLE
from tests.mutants.plans import PLANS
from tests.mutants.processes import PROCESSES
from tests.mutants.records import RECORDS
from tests.mutants.tasks import TASKS
from tests.mutants.work import WORK

MUTANTS = (*RECORDS, *PEOPLE, *WORK, *PLANS, *TASKS, *MILESTONES, *PROCESSES, *MONEY)
