"""Mutants of milestones: what was promised, what became of it, and a project's milestones together."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_BASELINES = "models/intermediate/int_milestone_baselines_derived.sql"
_FACT = "models/core/fct_milestones.sql"
_MART = "models/marts/completion/mart_milestones__project.sql"

MILESTONES = (
    Mutant(
        "the first date seen is a promise although its day had passed",
        _BASELINES,
        "observation_number = 1 and (cast(first_observed_at as date) <= due_date or observed_dates > 1)",
        "observation_number = 1",
    ),
    Mutant(
        "a date first seen on its day is seen too late",
        _BASELINES,
        "cast(first_observed_at as date) <= due_date or",
        "cast(first_observed_at as date) < due_date or",
    ),
    Mutant(
        "a date that moved after its day was never seen",
        _BASELINES,
        "<= due_date or observed_dates > 1)",
        "<= due_date)",
    ),
    Mutant(
        "the last date seen is the promise",
        _BASELINES,
        "order by first_observed_at, due_date)",
        "order by first_observed_at desc, due_date)",
    ),
    Mutant(
        "what was seen goes before what the source keeps",
        _BASELINES,
        "when milestones.baseline_basis = 'reported'\n            then coalesce(",
        "when true\n            then coalesce(",
    ),
    Mutant(
        "a deleted version was a promise",
        "models/staging/stg_milestone_dates.sql",
        "where milestones.due_date is not null and not milestones.is_deleted",
        "where milestones.due_date is not null",
    ),
    Mutant(
        "a milestone finished on the day is late",
        _FACT,
        "completed_date <= baseline_date then 'on_time'",
        "completed_date < baseline_date then 'on_time'",
    ),
    Mutant(
        "a milestone due today is overdue",
        _FACT,
        "when baseline_date < as_of_date then 'overdue'",
        "when baseline_date <= as_of_date then 'overdue'",
    ),
    Mutant(
        "a milestone is judged by a date that was only reported",
        _FACT,
        "when baseline_basis = 'reported' then 'unknown_baseline'",
        "when false then ''",
    ),
    Mutant("a cancelled milestone is judged", _FACT, "when is_cancelled then 'cancelled'", "when false then ''"),
    Mutant(
        "a date of completion finishes what its status says is open",
        _FACT,
        "coalesce(milestones.status_category = 'done', milestones.completed_date is not null) as is_done",
        "milestones.status_category is not distinct from 'done' or milestones.completed_date is not null as is_done",
    ),
    Mutant(
        "a milestone of no project is none",
        _FACT,
        "left join project_refs on",
        "inner join project_refs on",
    ),
    Mutant(
        "what is not yet due counts among the due milestones",
        _MART,
        "in ('on_time', 'finished_late', 'overdue')) as due_milestones",
        "in ('on_time', 'finished_late', 'overdue', 'not_yet_due')) as due_milestones",
    ),
    Mutant(
        "a reported date that differs has moved",
        _MART,
        "due_date <> baseline_date and baseline_basis <> 'reported'",
        "due_date <> baseline_date",
    ),
    Mutant(
        "a cancelled milestone slips",
        _MART,
        "max(due_slip_days) filter (where not is_cancelled)",
        "max(due_slip_days)",
    ),
    Mutant(
        "a finished milestone is the next",
        _MART,
        "where not is_done and not is_cancelled and",
        "where not is_cancelled and",
    ),
    Mutant(
        "a date that passed is the next",
        _MART,
        " and coalesce(due_date, baseline_date) >= as_of.as_of_date",
        "",
    ),
    Mutant(
        "an unknown promise leaves a project's milestones complete",
        _MART,
        "    and counted.unknown_baseline_milestones = 0\n",
        "",
    ),
)
