-- Teams' figures for managers, with what is shown of them.
--
-- Shown are hours where at least the smallest group has capacity and at least the smallest group logged. What can be taken from what is
-- shown obeys the same: billable hours and the rest of the hours tell of nobody or of enough people, and so do bookings and what they
-- differ by from capacity and from hours: where all but one are booked for every hour, the difference is what that one has free. A month
-- is shown only where every part of it that lies in one week, and the rest of that week, tell of nobody or of enough people: else a week
-- could be had by taking the others from the month. There is no row over several teams from which a hidden one could be had.
with told as (
    select * from {{ ref('release_told_contributions') }}
),

released as (
    select * from {{ ref('release_units') }}
    where period_kind <> 'restatement'
),

parts as (
    select
        team_key,
        week_start_date,
        month_start_date,
        count(distinct person_key) filter (where capacity_us > 0) as capacity_persons,
        count(distinct person_key) filter (where counted_us > 0) as counting_persons,
        count(distinct person_key) filter (where billable_us > 0) as billable_persons,
        count(distinct person_key) filter (where counted_us > billable_us) as unbillable_persons,
        max(smallest_group_size) as smallest_group_size
    from told
    group by team_key, week_start_date, month_start_date
),

guarded_parts as (
    select
        parts.*,
        greatest(parts.smallest_group_size, policy.smallest_group_size) as smallest,
        {{ nobody_or_enough('parts.capacity_persons', 'greatest(parts.smallest_group_size, policy.smallest_group_size)') }}
        and {{ nobody_or_enough('parts.counting_persons', 'greatest(parts.smallest_group_size, policy.smallest_group_size)') }} as is_safe,
        {{ nobody_or_enough('parts.billable_persons', 'greatest(parts.smallest_group_size, policy.smallest_group_size)') }}
        and {{ nobody_or_enough('parts.unbillable_persons', 'greatest(parts.smallest_group_size, policy.smallest_group_size)') }}
            as is_billable_safe
    from parts
    cross join {{ source('workspace', 'policy') }} as policy
),

months_of_weeks as (
    select team_key, week_start_date, month_start_date
    from parts
    where week_start_date is not null and month_start_date is not null
),

-- Every part that bears on a month: its own, and the rest of the weeks in which it begins and ends.
parts_of_months as (
    select
        months_of_weeks.month_start_date,
        guarded_parts.team_key,
        guarded_parts.is_safe,
        guarded_parts.is_billable_safe
    from months_of_weeks
    inner join guarded_parts
        on months_of_weeks.team_key = guarded_parts.team_key
        and months_of_weeks.week_start_date = guarded_parts.week_start_date

    union all

    select month_start_date, team_key, is_safe, is_billable_safe
    from guarded_parts
    where week_start_date is null
),

safe_months as (
    select
        'month' as period_kind,
        month_start_date as period_start_date,
        team_key,
        bool_and(is_safe) as is_safe,
        bool_and(is_billable_safe) as is_billable_safe
    from parts_of_months
    group by month_start_date, team_key
),

periods as (
    select
        'week' as period_kind,
        week_start_date as period_start_date,
        team_key,
        person_key,
        {% for measure in contribution_measures() -%}
        {{ measure }},
        {% endfor -%}
        is_complete,
        is_judged,
        smallest_group_size
    from told
    where week_start_date is not null

    union all

    select
        'month' as period_kind,
        month_start_date as period_start_date,
        team_key,
        person_key,
        {% for measure in contribution_measures() -%}
        {{ measure }},
        {% endfor -%}
        is_complete,
        is_judged,
        smallest_group_size
    from told
    where month_start_date is not null
),

persons as (
    select
        period_kind,
        period_start_date,
        team_key,
        person_key,
        {% for measure in contribution_measures() -%}
        sum({{ measure }}) as {{ measure }},
        {% endfor -%}
        bool_and(is_complete) as is_complete,
        bool_and(is_judged) as is_judged,
        max(smallest_group_size) as smallest_group_size
    from periods
    group by period_kind, period_start_date, team_key, person_key
),

summed as (
    select
        period_kind,
        period_start_date,
        team_key,
        count(*) filter (where capacity_us > 0) as capacity_persons,
        count(*) filter (where counted_us > 0) as counting_persons,
        count(*) filter (where billable_us > 0) as billable_persons,
        count(*) filter (where counted_us > billable_us) as unbillable_persons,
        count(*) filter (where allocated_us > 0) as allocated_persons,
        count(*) filter (where allocated_us <> capacity_us) as not_allocated_as_capacity_persons,
        count(*) filter (where allocated_us <> counted_us) as not_allocated_as_counted_persons,
        count(*) filter (where allocated_us <> billable_us) as not_allocated_as_billable_persons,
        count(*) filter (where due_tasks > 0) as due_persons,
        count(*) filter (where finished_tasks > 0) as finishing_persons,
        {% for measure in contribution_measures() -%}
        cast(sum({{ measure }}) as bigint) as {{ measure }},
        {% endfor -%}
        bool_and(is_complete) as is_complete,
        bool_and(is_judged) as is_judged,
        max(smallest_group_size) as smallest_group_size
    from persons
    group by period_kind, period_start_date, team_key
),

-- Of which figures a measure speaks.
subjects as (
    select
        measure,
        home like '%mart_utilisation__%'
        or home in ('fct_activities', 'fct_capacity_days', 'gap_unlogged_days') as is_of_utilisation,
        home like '%mart_capacity__%' or home = 'fct_capacity_days' as is_of_capacity,
        home like '%mart_completion__%' or home = 'fct_tasks' as is_of_completion
    from {{ ref('dim_measures') }}
),

-- People behind a figure who said something about it, for whoever sees the number.
annotated as (
    select
        periods.period_kind,
        periods.period_start_date,
        periods.team_key,
        count(distinct periods.person_key) filter (where periods.capacity_us > 0 and subjects.is_of_utilisation)
            as utilisation_annotating_persons,
        count(distinct periods.person_key) filter (where periods.capacity_us > 0 and subjects.is_of_capacity)
            as capacity_annotating_persons,
        count(distinct periods.person_key) filter (
            where periods.due_tasks + periods.finished_tasks > 0 and subjects.is_of_completion
        ) as completion_annotating_persons
    from periods
    inner join {{ ref('fct_annotations') }} as annotations
        on periods.person_key = annotations.person_key
        and periods.period_kind = annotations.period_kind
        and periods.period_start_date = annotations.period_start_date
    inner join subjects
        on annotations.measure = subjects.measure
    group by periods.period_kind, periods.period_start_date, periods.team_key
),

-- A month is as new as the newest of what it is made of.
tellings_of_months as (
    select
        'month' as period_kind,
        days.month_start_date as period_start_date,
        released.team_key,
        max(released.restated_date) as restated_date
    from released
    inner join {{ ref('dim_dates') }} as days
        on released.period_start_date = days.week_start_date
    where released.period_kind = 'week' and released.team_key is not null
    group by days.month_start_date, released.team_key
),

guarded as (
    select
        summed.*,
        greatest(summed.smallest_group_size, policy.smallest_group_size) as smallest
    from summed
    cross join {{ source('workspace', 'policy') }} as policy
),

judged as (
    select
        guarded.*,
        guarded.capacity_persons >= guarded.smallest
        and guarded.counting_persons >= guarded.smallest
        and (guarded.period_kind = 'week' or coalesce(safe_months.is_safe, false)) as is_shown,
        (guarded.period_kind = 'week' or coalesce(safe_months.is_billable_safe, false))
        and {{ nobody_or_enough('guarded.billable_persons', 'guarded.smallest') }}
        and {{ nobody_or_enough('guarded.unbillable_persons', 'guarded.smallest') }} as is_billable_safe
    from guarded
    left join safe_months
        on guarded.period_kind = safe_months.period_kind
        and guarded.period_start_date = safe_months.period_start_date
        and guarded.team_key = safe_months.team_key
)

select
    judged.period_kind,
    judged.period_start_date,
    release_periods.period_end_date,
    coalesce(annotated.utilisation_annotating_persons, 0) as utilisation_annotating_persons,
    coalesce(annotated.capacity_annotating_persons, 0) as capacity_annotating_persons,
    coalesce(annotated.completion_annotating_persons, 0) as completion_annotating_persons,
    judged.team_key,
    released.released_date,
    greatest(
        coalesce(told_units.restated_date, released.restated_date),
        coalesce(tellings_of_months.restated_date, released.restated_date)
    ) as restated_date,
    judged.capacity_persons,
    judged.is_shown,
    judged.is_shown and judged.is_billable_safe as is_billable_shown,
    judged.is_shown
    and {{ nobody_or_enough('judged.allocated_persons', 'judged.smallest') }}
    and {{ nobody_or_enough('judged.not_allocated_as_capacity_persons', 'judged.smallest') }}
    and {{ nobody_or_enough('judged.not_allocated_as_counted_persons', 'judged.smallest') }}
    and (not judged.is_billable_safe or {{ nobody_or_enough('judged.not_allocated_as_billable_persons', 'judged.smallest') }})
        as is_allocation_shown,
    judged.due_persons >= judged.smallest as is_due_shown,
    judged.finishing_persons >= judged.smallest as is_finish_shown,
    judged.due_persons,
    judged.finishing_persons,
    {% for measure in contribution_measures() -%}
    judged.{{ measure }},
    {% endfor -%}
    judged.is_complete,
    judged.is_judged
from judged
inner join released
    on judged.period_kind = released.period_kind
    and judged.period_start_date = released.period_start_date
    and released.team_key is null
inner join {{ ref('release_periods') }} as release_periods
    on judged.period_kind = release_periods.period_kind
    and judged.period_start_date = release_periods.period_start_date
left join released as told_units
    on judged.period_kind = told_units.period_kind
    and judged.period_start_date = told_units.period_start_date
    and judged.team_key = told_units.team_key
left join tellings_of_months
    on judged.period_kind = tellings_of_months.period_kind
    and judged.period_start_date = tellings_of_months.period_start_date
    and judged.team_key = tellings_of_months.team_key
left join annotated
    on judged.period_kind = annotated.period_kind
    and judged.period_start_date = annotated.period_start_date
    and judged.team_key = annotated.team_key
