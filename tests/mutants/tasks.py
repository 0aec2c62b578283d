"""Mutants of tasks: promises, moves, statuses, flow, and the marts of completion."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_TASKS = "models/core/fct_tasks.sql"
_BASELINES = "models/intermediate/int_task_baselines_derived.sql"
_HISTORIES = "models/intermediate/int_task_histories_observed.sql"
_FLOW = "models/intermediate/int_task_flow_measured.sql"
_SPANS = "models/intermediate/int_task_statuses_spanned.sql"
_COMPLETION = "macros/completion.sql"

TASKS = (
    Mutant(
        "finished on the day is late",
        _TASKS,
        "assembled.completed_date <= assembled.baseline_due_date then 'on_time'",
        "assembled.completed_date < assembled.baseline_due_date then 'on_time'",
    ),
    Mutant(
        "due today is overdue",
        _TASKS,
        "when assembled.baseline_due_date < assembled.as_of_date then 'overdue'",
        "when assembled.baseline_due_date <= assembled.as_of_date then 'overdue'",
    ),
    Mutant(
        "judged by the due date of today",
        _TASKS,
        "when assembled.is_done and assembled.completed_date <= assembled.baseline_due_date",
        "when assembled.is_done and assembled.completed_date <= assembled.due_date",
    ),
    Mutant(
        "a due date that is only reported is a promise",
        _TASKS,
        "when assembled.baseline_basis = 'reported' then",
        "when false then",
    ),
    Mutant(
        "done at no known time is on time",
        _TASKS,
        "when assembled.is_done and assembled.completed_date is null then 'finished_undated'",
        "when assembled.is_done and assembled.completed_date is null then 'on_time'",
    ),
    Mutant("a cancelled task is judged", _TASKS, "when assembled.is_cancelled then 'cancelled'", "when false then ''"),
    Mutant(
        "a promise belongs to today's team",
        _TASKS,
        "coalesce(baselines.baseline_due_date, dated_steps.completed_date, as_of.as_of_date) as due_team_date",
        "as_of.as_of_date as due_team_date",
    ),
    Mutant(
        "a finish belongs to today's team",
        _TASKS,
        "coalesce(dated_steps.completed_date, dated_steps.cancelled_date, as_of.as_of_date) as team_date",
        "as_of.as_of_date as team_date",
    ),
    Mutant(
        "a task's own team goes before the assignee's",
        _TASKS,
        "coalesce(due_spans.team_key, {{ team_key('assembled.team_name') }}) as due_team_key",
        "coalesce({{ team_key('assembled.team_name') }}, due_spans.team_key) as due_team_key",
    ),
    Mutant(
        "a promise belongs to the team that finished it",
        "models/marts/completion/mart_completion__team_week.sql",
        "'due_team_key', 'team_key')",
        "'team_key', 'team_key')",
    ),
    Mutant("a task without an assignee is none", _TASKS, "left join actors on", "inner join actors on"),
    Mutant(
        "working days leave out the first",
        _TASKS,
        "cast(finish_days.last_number - start_days.number_before as bigint)",
        "cast(finish_days.last_number - start_days.last_number as bigint)",
    ),
    Mutant(
        "the last change of a due date was the first",
        _BASELINES,
        "as first_known_date,\n        row_number() over (partition by task_key order by change_number)",
        "as first_known_date,\n        row_number() over (partition by task_key order by change_number desc)",
    ),
    Mutant(
        "the date a change sets was there before",
        _BASELINES,
        "coalesce(from_date, to_date) as first_known_date",
        "coalesce(to_date, from_date) as first_known_date",
    ),
    Mutant(
        "seen on the day is seen too late",
        _BASELINES,
        "cast(first_observed_at as date) <= due_date or",
        "cast(first_observed_at as date) < due_date or",
    ),
    Mutant(
        "seen at any time is seen in time",
        _BASELINES,
        "cast(first_observed_at as date) <= due_date or observed_dates > 1",
        "true",
    ),
    Mutant(
        "the first due date of the tool is ignored",
        _BASELINES,
        "when first_due_date is not null then first_due_date\n",
        "when false then first_due_date\n",
    ),
    Mutant(
        "moved on the day is moved late",
        _BASELINES,
        "and changed_date > prior_date",
        "and changed_date >= prior_date",
    ),
    Mutant(
        "setting the same date is a move",
        _BASELINES,
        "sum(case when to_date <> prior_date then 1 else 0 end) as move_count",
        "sum(1) as move_count",
    ),
    Mutant(
        "a due date was first seen when it was last seen",
        "models/staging/stg_task_due_dates.sql",
        "min(extracted_at) as first_observed_at",
        "max(extracted_at) as first_observed_at",
    ),
    Mutant(
        "changes of one instant in the order of their ids",
        "models/staging/stg_task_changes.sql",
        "changed_at, change_sequence nulls last,",
        "changed_at,",
    ),
    Mutant(
        "changes backwards",
        "models/staging/stg_task_changes.sql",
        "changed_at, change_sequence nulls last,",
        "changed_at desc, change_sequence desc,",
    ),
    Mutant(
        "a history without its beginning is whole",
        _HISTORIES,
        "is_history_whole and created_at is not null and coalesce(records_statuses, false) as knows_statuses",
        "created_at is not null and coalesce(records_statuses, false) as knows_statuses",
    ),
    Mutant(
        "a feed without due dates knows that none moved",
        _HISTORIES,
        "is_history_whole and coalesce(records_due_dates, false) as knows_due_dates",
        "is_history_whole as knows_due_dates",
    ),
    Mutant(
        "an open status lasts past the last export",
        _HISTORIES,
        "least(last_observations.last_extracted_at, as_of.ends_at)",
        "greatest(last_observations.last_extracted_at, as_of.ends_at)",
    ),
    Mutant(
        "repeating a status is a change",
        _SPANS,
        "        or status is distinct from prior_status\n",
        "        or true\n",
    ),
    Mutant(
        "every way out of done is a reopening",
        _SPANS,
        " and spans.status_category in ('todo', 'active', 'blocked')",
        "",
    ),
    Mutant(
        "from done to closed is a second finish", _SPANS, " and spans.previous_category is distinct from 'done'", ""
    ),
    Mutant("the first finish is the finish", _FLOW, "max(case when is_completion", "min(case when is_completion"),
    Mutant(
        "a finish that was undone is the finish",
        _FLOW,
        "case when lives.last_category = 'done' then lives.last_completion_at end",
        "lives.last_completion_at",
    ),
    Mutant(
        "the last start is the start",
        _FLOW,
        "min(case when status_category = 'active' then started_at end)",
        "max(case when status_category = 'active' then started_at end)",
    ),
    Mutant(
        "blocked time is worked",
        _FLOW,
        "            and spans.status_category = 'active'\n",
        "            and spans.status_category in ('active', 'blocked')\n",
    ),
    Mutant(
        "blocked time without a history is 0",
        _FLOW,
        "case when histories.knows_statuses then cast(coalesce(lives.blocked_us, 0) as bigint) end",
        "cast(coalesce(lives.blocked_us, 0) as bigint)",
    ),
    Mutant(
        "a cancelled task is open",
        _FLOW,
        "not tasks.is_done and not tasks.is_cancelled as is_open",
        "not tasks.is_done as is_open",
    ),
    Mutant(
        "cycle time begins with the creation",
        _FLOW,
        "{{ us_between('dated_lives.started_at', 'dated_lives.completed_at') }} end as cycle_us",
        "{{ us_between('dated_lives.created_at', 'dated_lives.completed_at') }} end as cycle_us",
    ),
    Mutant(
        "instants are dated in the source's zone",
        "models/intermediate/int_task_instants_dated.sql",
        "coalesce(person_zones.zone, sources.zone, policy.default_zone)",
        "coalesce(sources.zone, person_zones.zone, policy.default_zone)",
    ),
    Mutant(
        "what is not yet due is not in the denominator",
        _COMPLETION,
        "'finished_late', 'overdue', 'not_yet_due')\n        ) as due_tasks",
        "'finished_late', 'overdue')\n        ) as due_tasks",
    ),
    Mutant(
        "completed at any time is completed in the week",
        _COMPLETION,
        "            and completed_date <= {{ add_days('placement_week_date', 6) }}\n",
        "",
    ),
    Mutant(
        "a promise is placed in the week of its finish",
        _COMPLETION,
        "tasks.baseline_due_date, tasks.due_date, tasks.completed_date,",
        "tasks.completed_date, tasks.baseline_due_date, tasks.due_date,",
    ),
    Mutant(
        "a finish on the last day is work in progress",
        _COMPLETION,
        "                > {{ add_days('owner_weeks.week_start_date', 6) }}",
        "                >= {{ add_days('owner_weeks.week_start_date', 6) }}",
    ),
    Mutant(
        "flow of tasks whose history is not known",
        _COMPLETION,
        "sum(cycle_us) filter (where active_us is not null)",
        "sum(cycle_us)",
    ),
    Mutant(
        "the median is a mean",
        _COMPLETION,
        "percentile_cont(0.5) within group (order by cast(cycle_us as double))",
        "avg(cycle_us)",
    ),
    Mutant(
        "weeks to come have work in progress",
        _COMPLETION,
        "case when counted.week_start_date <= {{ as_of_date() }} then counted.wip_tasks end",
        "counted.wip_tasks",
    ),
    Mutant(
        "a silent source leaves its tasks judged",
        "models/intermediate/int_project_gaps_attributed.sql",
        "and (gaps.rule = 'silent_sources' or gaps.stream in",
        "and (gaps.stream in",
    ),
    Mutant(
        "unreadable time leaves tasks open",
        "models/intermediate/int_project_gaps_attributed.sql",
        "and (gaps.rule = 'silent_sources' or gaps.stream in",
        "and (gaps.rule in ('silent_sources', 'quarantined_rows') or gaps.stream in",
    ),
    Mutant(
        "an unreadable task was due when it was delivered",
        "models/intermediate/int_project_gaps_attributed.sql",
        "    case when gaps.rule not in ('quarantined_rows', 'unusual_row_counts') then gaps.start_date end as start_date,",
        "    case when gaps.rule <> 'unusual_row_counts' then gaps.start_date end as start_date,",
    ),
    Mutant(
        "a gap without a date touches no week",
        _COMPLETION,
        "and coalesce(gaps.end_date, counted_projects.week_start_date) >= counted_projects.week_start_date",
        "and gaps.end_date >= counted_projects.week_start_date",
    ),
    Mutant(
        "an unknown promise leaves a week complete",
        _COMPLETION,
        "    and counted.unknown_baseline_tasks = 0\n",
        "",
    ),
)
