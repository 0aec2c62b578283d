"""Mutants of what counts: authority, evidence, absence, labels, projects, and the marts of utilisation."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_COUNTS = "models/intermediate/int_activities_authorised.sql"
_LABELS = "models/intermediate/int_activity_labels_classified.sql"
_PROJECTS = "models/intermediate/int_projects_matched.sql"
_DIVIDED = "models/intermediate/int_team_periods_divided.sql"
_UTILISATION = "macros/utilisation.sql"
_OVERLAPPED = "models/intermediate/int_periods_overlapped.sql"
_PARTS = "models/intermediate/int_person_parts_measured.sql"

WORK = (
    Mutant(
        "a week below a month's sheet is complete",
        _UTILISATION,
        "            and coalesce(overlapping_periods.overlapping_us, 0) = 0\n",
        "            and coalesce(hours_by_bucket.unplaced_us, 0) = 0\n",
    ),
    Mutant(
        "a plan is judged by hours below a month's sheet",
        "macros/capacity.sql",
        "    and coalesce(overlapping_periods.overlapping_us, 0) = 0\n",
        "",
    ),
    Mutant(
        "a period overlaps what it ends in only",
        _OVERLAPPED,
        "on periods.period_start_date <= buckets.bucket_end_date",
        "on periods.period_end_date <= buckets.bucket_end_date",
    ),
    Mutant("a divided period overlaps no team", _OVERLAPPED, "where is_cut or is_divided", "where is_cut"),
    Mutant("a week that holds a period is overlapped by it", _OVERLAPPED, "filter (where is_cut), 0)", ", 0)"),
    Mutant(
        "authority is ignored",
        _COUNTS,
        "when yielding_days.person_key is not null or yielding_periods.person_key is not null then",
        "when false then",
    ),
    Mutant(
        "a period never gives way",
        _COUNTS,
        "when yielding_days.person_key is not null or yielding_periods.person_key is not null then",
        "when yielding_days.person_key is not null then",
    ),
    Mutant(
        "what gives way has its days all the same",
        _COUNTS,
        "    where has_time\n    group by person_key\n",
        "    where false\n    group by person_key\n",
    ),
    Mutant(
        "one look settles everything",
        _COUNTS,
        "        where rounds.is_going_on\n",
        "        where rounds.is_going_on and rounds.round_number = 0\n",
    ),
    Mutant(
        "what is before each other counts twice",
        _COUNTS,
        "where rounds.is_counting is distinct from true",
        "where not rounds.is_counting",
    ),
    Mutant(
        "a claim without time is a rival",
        _COUNTS,
        "    where better_days.has_time\n",
        "",
    ),
    Mutant(
        "a period claims no days",
        _COUNTS,
        "between claims.period_start_date and claims.period_end_date\n    where claims.work_date is null\n),",
        "between claims.period_start_date and claims.period_end_date\n    where false\n),",
    ),
    Mutant("an entry of no length claims the day", _COUNTS, "bool_or(judged.duration_us > 0)", "bool_or(true)"),
    Mutant(
        "authority lasts for ever",
        _COUNTS,
        "and claimed_days.claim_date between authority.first_date and authority.last_date",
        "",
    ),
    Mutant(
        "authority ends a day early",
        _COUNTS,
        "between authority.first_date and authority.last_date",
        "between authority.first_date and authority.last_date - 1",
    ),
    Mutant(
        "the greater number has authority",
        _COUNTS,
        "priority > min(case when has_time then priority end)",
        "priority < max(case when has_time then priority end)",
    ),
    Mutant(
        "sources of one rank overrule each other",
        _COUNTS,
        "priority > min(case when has_time then priority end)",
        "priority >= min(case when has_time then priority end)",
    ),
    Mutant(
        "an unnamed source goes before all",
        _COUNTS,
        "coalesce(authority.priority, 2147483647)",
        "coalesce(authority.priority, 0)",
    ),
    Mutant(
        "what does not count overrules what does",
        _COUNTS,
        "where judged.own_reason is null\n",
        "where true\n",
    ),
    Mutant("leave logged as work counts", _COUNTS, "when category = 'absence' then", "when false then"),
    Mutant("today is not over", _COUNTS, "when placed_date > as_of.as_of_date", "when placed_date >= as_of.as_of_date"),
    Mutant("the future counts", _COUNTS, "when placed_date > as_of.as_of_date then", "when false then"),
    Mutant("a system account's work counts", _COUNTS, "when not is_person then 'system_account'", "when false then ''"),
    Mutant("what nobody can date counts", _COUNTS, "when placed_date is null then", "when false then"),
    Mutant(
        "a mistyped century counts",
        _COUNTS,
        "when placed_date < calendar.first_date then",
        "when false then",
    ),
    Mutant(
        "a rule of labels has always held",
        _LABELS,
        "coalesce(valid_from_date, date '0001-01-01') as first_date",
        "date '0001-01-01' as first_date",
    ),
    Mutant(
        "labels are told apart by case",
        _LABELS,
        "on lower(labels.activity_label) like rules.like_pattern",
        "on labels.activity_label like rules.like_pattern",
    ),
    Mutant(
        "a seeded kind of work is not known",
        _LABELS,
        "on lower(trim(labels.activity_label)) = lower(types.activity_type)",
        "on false and lower(trim(labels.activity_label)) = lower(types.activity_type)",
    ),
    Mutant(
        "an entry without activity has no label",
        "models/intermediate/int_time_entries_as_activities.sql",
        ", nullif(trim(task_name), ''))",
        ")",
    ),
    Mutant(
        "a project's id leads nowhere",
        _PROJECTS,
        "        looked_up.id_project_key,\n        looked_up.code",
        "        looked_up.code",
    ),
    Mutant(
        "codes are told apart by case",
        "macros/keys.sql",
        "nullif(upper(trim({{ expression }})), '')",
        "nullif(trim({{ expression }}), '')",
    ),
    Mutant(
        "the crosswalk of projects is ignored",
        _PROJECTS,
        "coalesce(crosswalk_ids.maps_to_code, crosswalk_names.maps_to_code) as maps_to_code",
        "cast(null as varchar) as maps_to_code",
    ),
    Mutant(
        "a project's name leads nowhere", _PROJECTS, "        looked_up.name_project_key,\n        case", "        case"
    ),
    Mutant(
        "a project does not say whether its work is billable",
        "models/core/fct_activities.sql",
        "coalesce(activities.is_billable, known_projects.is_billable)",
        "activities.is_billable",
    ),
    Mutant(
        "the project goes before the entry",
        "models/core/fct_activities.sql",
        "coalesce(activities.is_billable, known_projects.is_billable)",
        "coalesce(known_projects.is_billable, activities.is_billable)",
    ),
    Mutant(
        "only entries of known projects are in the fact",
        "models/core/fct_activities.sql",
        "left join {{ ref('dim_projects') }} as known_projects",
        "inner join {{ ref('dim_projects') }} as known_projects",
    ),
    Mutant(
        "what does not count is counted in the marts",
        _PARTS,
        "where is_counted and work_date is not null",
        "where work_date is not null",
    ),
    Mutant(
        "the same length on one day counts once",
        _PARTS,
        "        sum(duration_us) as counted_us,",
        "        sum(distinct duration_us) as counted_us,",
    ),
    Mutant(
        "capacity after as_of is there",
        _UTILISATION,
        "    where is_past\n",
        "",
    ),
    Mutant(
        "capacity ends before as_of",
        "models/intermediate/int_calendar_days.sql",
        "days.day_date <= as_of.as_of_date as is_past",
        "days.day_date < as_of.as_of_date as is_past",
    ),
    Mutant(
        "hours without capacity are in the numerator",
        _PARTS,
        "sum(counted_days.counted_us) filter (where capacity_days.effective_us is not null) as counted_with_capacity_us",
        "sum(counted_days.counted_us) as counted_with_capacity_us",
    ),
    Mutant(
        "hours of people without capacity are lost",
        _PARTS,
        "    left join capacity_days\n        on counted_days.person_key",
        "    inner join capacity_days\n        on counted_days.person_key",
    ),
    Mutant(
        "a team without capacity has no hours",
        _PARTS,
        "full outer join counted_parts",
        "left join counted_parts",
    ),
    Mutant(
        "a team that was changed counts for both",
        _PARTS,
        "    and capacity_parts.team_key is not distinct from counted_parts.team_key\n",
        "",
    ),
    Mutant(
        "a period of days to come has their capacity",
        _UTILISATION,
        "    where capacity_date <= (select as_of_date from as_of)\n",
        "",
    ),
    Mutant(
        "a period that leaves the week is placed in it",
        _UTILISATION,
        "when period_hours.period_end_date > dates.{{ bucket_end }} then 'unplaced'",
        "when false then 'unplaced'",
    ),
    Mutant(
        "a period that ends with the week leaves it",
        _UTILISATION,
        "when period_hours.period_end_date > dates.{{ bucket_end }} then",
        "when period_hours.period_end_date >= dates.{{ bucket_end }} then",
    ),
    Mutant(
        "a period counts where one of its days is known",
        _UTILISATION,
        "                = {{ days_between('period_hours.period_start_date', 'period_hours.period_end_date') }} + 1 then",
        "                > 0 then",
    ),
    Mutant(
        "a period of two teams is its first's",
        _UTILISATION,
        "when divided.person_key is not null then 'unplaced'",
        "when false then 'unplaced'",
    ),
    Mutant(
        "nobody changes teams within a period",
        _DIVIDED,
        "having min(team_key) <> max(team_key)",
        "having false",
    ),
    Mutant(
        "whoever leaves within a period was in the team to its end",
        _DIVIDED,
        "or sum(day_count) <= {{ days_between('period_start_date', 'period_end_date') }}",
        "or false",
    ),
    Mutant(
        "a period is divided that a team holds to the day",
        _DIVIDED,
        "sum(day_count) <= {{ days_between('period_start_date', 'period_end_date') }}",
        "sum(day_count) <= {{ days_between('period_start_date', 'period_end_date') }} + 1",
    ),
    Mutant(
        "utilisation of all hours",
        _UTILISATION,
        "{{ ratio('coalesce(hours_by_bucket.counted_with_capacity_us, 0)', 'capacity_by_bucket.effective_us') }} as",
        "{{ ratio('coalesce(hours_by_bucket.counted_us, 0)', 'capacity_by_bucket.effective_us') }} as",
    ),
    Mutant(
        "utilisation of the contract",
        _UTILISATION,
        "{{ ratio('coalesce(hours_by_bucket.counted_with_capacity_us, 0)', 'capacity_by_bucket.effective_us') }} as",
        "{{ ratio('coalesce(hours_by_bucket.counted_with_capacity_us, 0)', 'capacity_by_bucket.contracted_us') }} as",
    ),
    Mutant(
        "unknown capacity of a week is 0",
        _UTILISATION,
        "{{ hours('capacity_by_bucket.effective_us') }} as effective_capacity_hours",
        "{{ hours('coalesce(capacity_by_bucket.effective_us, 0)') }} as effective_capacity_hours",
    ),
    Mutant(
        "a week of unknown days is complete",
        _UTILISATION,
        "            and coalesce(capacity_by_bucket.unknown_capacity_days, 0) = 0\n",
        "",
    ),
    Mutant(
        "a week that may still be logged is complete",
        _UTILISATION,
        "member_counts.{{ bucket_end }} <= {{ settled_date() }}",
        "member_counts.{{ bucket_end }} <= {{ as_of_date() }}",
    ),
    Mutant(
        "what was accepted bears on people",
        "models/intermediate/int_person_gaps_attributed.sql",
        "    where not is_accepted\n",
        "",
    ),
    Mutant(
        "leave that nobody could read is nobody's",
        "models/intermediate/int_person_gaps_attributed.sql",
        "gaps.stream in ('people', 'absences'))",
        "gaps.stream = 'people')",
    ),
    Mutant(
        "unreadable tasks are somebody's time",
        "models/intermediate/int_person_gaps_attributed.sql",
        "(gaps.rule = 'quarantined_rows' and gaps.stream = 'time_entries')",
        "gaps.rule = 'quarantined_rows'",
    ),
    Mutant(
        "a silent roster is no gap of those it knows",
        "models/intermediate/int_person_gaps_attributed.sql",
        "where gaps.rule = 'silent_sources'\n    or (",
        "where (",
    ),
    Mutant(
        "a week with gaps is complete",
        _UTILISATION,
        "            and coalesce(gaps_by_bucket.gap_count, 0) = 0 as is_complete",
        "            as is_complete",
    ),
    Mutant(
        "the team of the first day",
        "models/marts/utilisation/mart_utilisation__person_week.sql",
        "nullif(max_by(coalesce(",
        "nullif(min_by(coalesce(",
    ),
    Mutant(
        "the first target holds for ever",
        _UTILISATION,
        "        max_by(targets.utilisation_target_ratio,",
        "        min_by(targets.utilisation_target_ratio,",
    ),
    Mutant(
        "a target of tomorrow holds today",
        _UTILISATION,
        "        between coalesce(targets.valid_from_date, date '0001-01-01') and",
        "        between date '0001-01-01' and",
    ),
    Mutant("every week starts on Monday", "macros/weeks.sql", "' - ' ~ week_starts_on ~ ' + 7, 7)'", "' - 1 + 7, 7)'"),
    Mutant("an hour of 100 minutes", "macros/measures.sql", "/ 3600000000.0", "/ 6000000000.0"),
)
