"""Mutants of money, of task totals, and of what evidence and coverage say."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_AMOUNTS = "models/finance/fct_activity_amounts.sql"
_EXCHANGE = "models/intermediate/int_exchange_rates_dated.sql"
_TOTALS = "models/core/fct_task_totals.sql"
_CONTACTS = "models/intermediate/int_interactions_as_activities.sql"
_EVIDENCE = "models/intermediate/int_person_weeks_captured.sql"
_CAPTURE = "models/marts/capture/mart_capture_gap__person_week.sql"
_LOGGED = "models/intermediate/int_person_days_logged.sql"
_FAIRNESS = "models/marts/fairness/mart_fairness__population_month.sql"

MONEY = (
    Mutant(
        "work that does not count costs",
        _AMOUNTS,
        "    where is_counted\n        and duration_us is not null",
        "    where duration_us is not null",
    ),
    Mutant(
        "today's rate holds for ever",
        _AMOUNTS,
        "        and work.rated_date between rates.first_date and rates.last_date\n",
        "",
    ),
    Mutant(
        "a rate ends a day early",
        _AMOUNTS,
        "work.rated_date between rates.first_date and rates.last_date",
        "work.rated_date >= rates.first_date and work.rated_date < rates.last_date",
    ),
    Mutant(
        "any project's rate will do",
        _AMOUNTS,
        "        and (rates.project_key is null or rates.project_key = work.project_key)\n",
        "",
    ),
    Mutant("all work is billed", _AMOUNTS, "        and (rates.rate_type <> 'bill' or work.is_billable)\n", ""),
    Mutant(
        "the rate for all comes before that for the project",
        _AMOUNTS,
        "order by rates.project_key is null, rates.first_date desc",
        "order by rates.project_key is not null, rates.first_date desc",
    ),
    Mutant(
        "the first rate holds", _AMOUNTS, "rates.first_date desc, rates.rate_key", "rates.first_date, rates.rate_key"
    ),
    Mutant("the role's rate comes before the person's", _AMOUNTS, "order by owner_rank)", "order by owner_rank desc)"),
    Mutant("every rate that fits is added", _AMOUNTS, "    where offer_rank = 1\n", ""),
    Mutant(
        "a period is rated on its first day",
        _AMOUNTS,
        "coalesce(work_date, period_end_date)",
        "coalesce(work_date, period_start_date)",
    ),
    Mutant(
        "an exchange rate holds from the day after",
        _AMOUNTS,
        "and rated.rated_date >= exchange_rates.valid_from_date",
        "and rated.rated_date > exchange_rates.valid_from_date",
    ),
    Mutant(
        "every exchange rate holds to the end",
        _AMOUNTS,
        "    and rated.rated_date < coalesce(exchange_rates.next_date, date '9999-12-31')",
        "",
    ),
    Mutant(
        "the next exchange rate is that of any currency",
        _EXCHANGE,
        "partition by upper(trim(currency)) order by",
        "order by",
    ),
    Mutant(
        "what has no exchange rate is worth its number",
        _AMOUNTS,
        "else cast(rated.rate_amount * exchange_rates.exchange_rate as",
        "else cast(rated.rate_amount * coalesce(exchange_rates.exchange_rate, 1) as",
    ),
    Mutant(
        "rates of people are rates of projects",
        "models/finance/fct_rates.sql",
        "when rates.is_for_person then 'person'",
        "when actors.person_key is not null and rates.project_code is null then 'person'",
    ),
    Mutant(
        "a project has no rate of its own", _AMOUNTS, "in ['person', 'role', 'project'] %}", "in ['person', 'role'] %}"
    ),
    Mutant(
        "the project's rate comes before the role's",
        _AMOUNTS,
        "in ['person', 'role', 'project'] %}",
        "in ['person', 'project', 'role'] %}",
    ),
    Mutant("any rate on a project is the project's", _AMOUNTS, "        and rates.rate_owner = '{{ owner }}'\n", ""),
    Mutant(
        "a total of another source's log",
        _TOTALS,
        "where activity_kind = 'time_entry' and task_key is not null",
        "where activity_kind = 'time_entry' and task_key is not null and is_counted",
    ),
    Mutant(
        "an entry over midnight is two",
        _TOTALS,
        "count(*) filter (where day_part = 1) as entries,",
        "count(*) as entries,",
    ),
    Mutant(
        "no log is a log of nothing",
        _TOTALS,
        "case when logging_sources.source is not null then coalesce(logged.logged_us, 0) else logged.logged_us end",
        "coalesce(logged.logged_us, 0)",
    ),
    Mutant(
        "what a tool does not tell was nothing",
        _TOTALS,
        "when reported_spent_us is null then 'no_reported_total'",
        "when false then 'no_reported_total'",
    ),
    Mutant("no tolerance", _TOTALS, "<= reconciliation_tolerance_us then", "<= 0 then"),
    Mutant(
        "tasks without a log are left out",
        _TOTALS,
        "where tasks.reported_spent_us is not null or logged.task_key is not null",
        "where logged.task_key is not null",
    ),
    Mutant(
        "one project of several is the task's",
        _TOTALS,
        "case when min(project_key) = max(project_key) then min(project_key) end",
        "min(project_key)",
    ),
    Mutant(
        "what passed comes before what was measured",
        _CONTACTS,
        "        handling_us,\n        case when ended_at >= started_at then {{ us_between('started_at', 'ended_at') }} end",
        "        case when ended_at >= started_at then {{ us_between('started_at', 'ended_at') }} end,\n        handling_us",
    ),
    Mutant(
        "a ticket is worked on as long as it is open",
        _CONTACTS,
        "case when ended_at >= started_at then {{ us_between('started_at', 'ended_at') }} end",
        "{{ us_between('coalesce(started_at, created_at)', 'coalesce(ended_at, completed_at)') }}",
    ),
    Mutant(
        "a ticket that is closed is of the day it came",
        _CONTACTS,
        "when work_date is null and completed_at is null then",
        "when work_date is null then",
    ),
    Mutant(
        "sources that show the same hour are added",
        _EVIDENCE,
        "        max(evidence_us) as evidence_us,",
        "        sum(evidence_us) as evidence_us,",
    ),
    Mutant(
        "steps of processes are evidence", _EVIDENCE, "        and activities.activity_kind <> 'process_span'\n", ""
    ),
    Mutant(
        "strangers have evidence",
        _EVIDENCE,
        "from {{ ref('dim_persons') }} where is_resolved group by person_key",
        "from {{ ref('dim_persons') }} group by person_key",
    ),
    Mutant(
        "half a day of leave is leave",
        _EVIDENCE,
        "where capacity.is_absent and capacity.effective_us = 0",
        "where capacity.is_absent",
    ),
    Mutant(
        "a week that a period touches has all of it",
        _EVIDENCE,
        "where activities.work_date is not null\n            or (activities.period_start_date >=",
        "where true\n            or (activities.period_start_date >=",
    ),
    Mutant("no week is counted in part", _EVIDENCE, "coalesce(counted_weeks.is_partly_counted, false)", "false"),
    Mutant(
        "what is logged beyond the evidence is a gap below zero",
        _CAPTURE,
        "greatest(weeks.evidence_us - weeks.leave_us - weeks.counted_us, 0)",
        "weeks.evidence_us - weeks.leave_us - weeks.counted_us",
    ),
    Mutant(
        "meetings on leave are missing hours",
        _CAPTURE,
        "weeks.evidence_us - weeks.leave_us - weeks.counted_us",
        "weeks.evidence_us - weeks.counted_us",
    ),
    Mutant(
        "an entry of no length logs the day",
        _LOGGED,
        "\nwhere is_counted and duration_us > 0 and work_date is not null",
        "\nwhere is_counted and work_date is not null",
    ),
    Mutant(
        "a period logs its first day",
        _LOGGED,
        "on dates.calendar_date between periods.period_start_date and periods.period_end_date",
        "on dates.calendar_date = periods.period_start_date",
    ),
    Mutant(
        "half of the people are one person",
        _FAIRNESS,
        "count(distinct person_key) as person_count",
        "count(*) as person_count",
    ),
    Mutant(
        "days off count against whoever has them",
        _FAIRNESS,
        "count(*) filter (where effective_us > 0) as working_person_days",
        "count(*) filter (where effective_us is not null) as working_person_days",
    ),
    Mutant(
        "entries on days off count for whoever has them",
        _FAIRNESS,
        "count(*) filter (where effective_us > 0 and is_logged)",
        "count(*) filter (where is_logged)",
    ),
    Mutant(
        "the shorter week is the usual one",
        _FAIRNESS,
        "order by count(distinct person_key) desc, contracted_week_hours desc",
        "order by count(distinct person_key) desc, contracted_week_hours",
    ),
    Mutant(
        "the usual week is one of all places",
        _FAIRNESS,
        "            partition by place\n            order by count",
        "            partition by true\n            order by count",
    ),
    Mutant(
        "whose week is unknown works full time",
        _FAIRNESS,
        "when persons.contracted_week_hours is null then null",
        "when persons.contracted_week_hours is null then 'full_time'",
    ),
    Mutant(
        "a month of unknown capacity is complete",
        _FAIRNESS,
        "counted.month_end_date <= {{ settled_date() }} and counted.unknown_capacity_days = 0",
        "counted.month_end_date <= {{ settled_date() }}",
    ),
)
