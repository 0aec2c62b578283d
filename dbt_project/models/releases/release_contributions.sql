-- What each person adds to the figures of a team, cut where a week and a month meet: both are then sums of the same parts, and neither
-- can be taken from the other to find a person whom both hide. Hours count where the day's capacity is known, as in the ratios.
with days as (
    select calendar_date, week_start_date, week_end_date, month_start_date, month_end_date
    from {{ ref('dim_dates') }}
    where calendar_date <= {{ as_of_date() }}
),

capacity_days as (
    select person_key, team_key, capacity_date, effective_us
    from {{ ref('fct_capacity_days') }}
    where capacity_date <= {{ as_of_date() }}
),

periods as (
    select
        person_key,
        team_key,
        period_start_date as start_date,
        period_end_date as end_date,
        sum(duration_us) as counted_us,
        sum(duration_us) filter (where is_billable) as billable_us
    from {{ ref('fct_activities') }}
    where is_counted and work_date is null
    group by person_key, team_key, period_start_date, period_end_date
),

-- Only what is logged for a span asks for the days of the span: all days of all people would be the square of the history.
spans as (
    select person_key, start_date, end_date
    from periods
    group by person_key, start_date, end_date
),

known_spans as (
    select spans.person_key, spans.start_date, spans.end_date
    from spans
    inner join capacity_days
        on spans.person_key = capacity_days.person_key
        and capacity_days.capacity_date between spans.start_date and spans.end_date
    group by spans.person_key, spans.start_date, spans.end_date
    having count(capacity_days.effective_us) = {{ days_between('spans.start_date', 'spans.end_date') }} + 1
),

-- Hours of a period that no team holds whole are in none of their figures, as in the marts of teams.
placed_periods as (
    select
        periods.team_key,
        periods.person_key,
        case when periods.end_date <= days.week_end_date then days.week_start_date end as week_start_date,
        case when periods.end_date <= days.month_end_date then days.month_start_date end as month_start_date,
        case when known_spans.person_key is not null and divided.person_key is null then periods.counted_us end as counted_us,
        case when known_spans.person_key is not null and divided.person_key is null then coalesce(periods.billable_us, 0) end
            as billable_us
    from periods
    inner join days
        on periods.start_date = days.calendar_date
    left join known_spans
        on periods.person_key = known_spans.person_key
        and periods.start_date = known_spans.start_date
        and periods.end_date = known_spans.end_date
    left join {{ ref('int_team_periods_divided') }} as divided
        on periods.person_key = divided.person_key
        and periods.start_date = divided.period_start_date
        and periods.end_date = divided.period_end_date
),

booked_days as (
    select person_key, team_key, allocation_date, sum(allocated_us) as allocated_us
    from {{ ref('fct_allocation_days') }}
    where person_key is not null and booking_status = 'confirmed'
    group by person_key, team_key, allocation_date
),

tasks as (
    select
        person_key,
        team_key,
        due_team_key,
        baseline_due_date,
        completed_date,
        completion_outcome,
        source,
        project_key,
        coalesce(baseline_due_date, due_date, completed_date, created_date, {{ as_of_date() }}) as placement_date
    from {{ ref('fct_tasks') }}
),

-- As in the marts of completion.
project_gap_weeks as (
    select gaps.source, gaps.project_key, weeks.week_start_date
    from {{ project_gaps() }} as gaps
    inner join (select week_start_date, week_end_date from days group by week_start_date, week_end_date) as weeks
        on coalesce(gaps.start_date, weeks.week_start_date) <= weeks.week_end_date
        and coalesce(gaps.end_date, weeks.week_start_date) >= weeks.week_start_date
    group by gaps.source, gaps.project_key, weeks.week_start_date
),

-- Weeks and months that cannot hold a period they have days of: their sums are none of theirs, so nothing is added but that they
-- are not complete.
overlapped as (
    {% for bucket in ['week', 'month'] -%}
    select
        parts.team_key,
        parts.person_key,
        {% for column in ['week', 'month'] -%}
        {{ 'parts.' ~ column ~ '_start_date' if column == bucket else 'cast(null as date)' }} as {{ column }}_start_date{{ ',' if not loop.last }}
        {% endfor %}
    from {{ ref('int_person_parts_measured') }} as parts
    inner join {{ ref('int_periods_overlapped') }} as overlapped
        on parts.person_key = overlapped.person_key
        and parts.{{ bucket }}_start_date = overlapped.bucket_start_date
    where parts.is_past
        and overlapped.bucket_kind = '{{ bucket }}'
        and overlapped.cut_or_divided_us > 0
    group by parts.team_key, parts.person_key, parts.{{ bucket }}_start_date
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

parts as (
    select
        team_key,
        person_key,
        week_start_date,
        month_start_date,
        effective_us as capacity_us,
        counted_with_capacity_us as counted_us,
        billable_with_capacity_us as billable_us,
        cast(null as bigint) as allocated_us,
        0 as due_tasks,
        0 as completed_tasks,
        0 as on_time_tasks,
        0 as finished_tasks,
        unknown_capacity_days = 0 and is_measured as is_complete,
        cast(null as boolean) as is_judged
    from {{ ref('int_person_parts_measured') }}
    where is_past

    union all

    select
        booked_days.team_key,
        booked_days.person_key,
        days.week_start_date,
        days.month_start_date,
        null as capacity_us, null as counted_us, null as billable_us,
        booked_days.allocated_us,
        0 as due_tasks, 0 as completed_tasks, 0 as on_time_tasks, 0 as finished_tasks,
        true as is_complete,
        null as is_judged
    from booked_days
    inner join days
        on booked_days.allocation_date = days.calendar_date
    inner join capacity_days
        on booked_days.person_key = capacity_days.person_key
        and booked_days.team_key = capacity_days.team_key
        and booked_days.allocation_date = capacity_days.capacity_date
    where capacity_days.effective_us is not null

    union all

    select
        team_key, person_key, week_start_date, month_start_date,
        null as capacity_us, counted_us, billable_us, null as allocated_us,
        0 as due_tasks, 0 as completed_tasks, 0 as on_time_tasks, 0 as finished_tasks,
        counted_us is not null as is_complete,
        null as is_judged
    from placed_periods
    where week_start_date is not null or month_start_date is not null

    union all

    select
        tasks.due_team_key as team_key,
        tasks.person_key,
        days.week_start_date,
        days.month_start_date,
        null as capacity_us, null as counted_us, null as billable_us, null as allocated_us,
        1 as due_tasks,
        case when tasks.completed_date <= days.week_end_date and tasks.completion_outcome in ('on_time', 'finished_late') then 1 else 0 end
            as completed_tasks,
        case when tasks.completion_outcome = 'on_time' then 1 else 0 end as on_time_tasks,
        0 as finished_tasks,
        null as is_complete,
        project_gap_weeks.source is null as is_judged
    from tasks
    inner join days
        on tasks.baseline_due_date = days.calendar_date
    left join project_gap_weeks
        on tasks.source = project_gap_weeks.source
        and tasks.project_key is not distinct from project_gap_weeks.project_key
        and days.week_start_date = project_gap_weeks.week_start_date
    where tasks.completion_outcome in ('on_time', 'finished_late', 'overdue', 'not_yet_due')

    union all

    select
        tasks.team_key,
        tasks.person_key,
        days.week_start_date,
        days.month_start_date,
        null as capacity_us, null as counted_us, null as billable_us, null as allocated_us,
        0 as due_tasks, 0 as completed_tasks, 0 as on_time_tasks,
        1 as finished_tasks,
        null as is_complete,
        project_gap_weeks.source is null as is_judged
    from tasks
    inner join days
        on tasks.completed_date = days.calendar_date
    left join project_gap_weeks
        on tasks.source = project_gap_weeks.source
        and tasks.project_key is not distinct from project_gap_weeks.project_key
        and days.week_start_date = project_gap_weeks.week_start_date

    union all

    select
        tasks.due_team_key as team_key,
        tasks.person_key,
        days.week_start_date,
        days.month_start_date,
        null as capacity_us, null as counted_us, null as billable_us, null as allocated_us,
        0 as due_tasks, 0 as completed_tasks, 0 as on_time_tasks, 0 as finished_tasks,
        null as is_complete,
        false as is_judged
    from tasks
    inner join days
        on tasks.placement_date = days.calendar_date
    where tasks.completion_outcome in ('unknown_baseline', 'finished_undated')

    union all

    select
        team_key, person_key, week_start_date, month_start_date,
        null as capacity_us, null as counted_us, null as billable_us, null as allocated_us,
        0 as due_tasks, 0 as completed_tasks, 0 as on_time_tasks, 0 as finished_tasks,
        false as is_complete,
        null as is_judged
    from overlapped
),

gap_weeks as (
    select gaps.person_key, days.week_start_date
    from {{ person_gaps() }} as gaps
    inner join days
        on days.calendar_date between gaps.start_date and coalesce(gaps.end_date, gaps.start_date)
    group by gaps.person_key, days.week_start_date
)

select
    case when parts.week_start_date is null then 'month' else 'week' end as period_kind,
    coalesce(parts.week_start_date, parts.month_start_date) as period_start_date,
    parts.team_key,
    parts.person_key,
    parts.week_start_date,
    parts.month_start_date,
    {% for measure in contribution_measures() -%}
    cast(coalesce(sum(parts.{{ measure }}), 0) as bigint) as {{ measure }},
    {% endfor -%}
    -- Of hours and of tasks apart: what a part does not tell of, it leaves open.
    coalesce(bool_and(parts.is_complete and gap_weeks.person_key is null), true) as is_complete,
    coalesce(bool_and(parts.is_judged), true) as is_judged
from parts
left join gap_weeks
    on parts.person_key = gap_weeks.person_key
    and parts.week_start_date = gap_weeks.week_start_date
where parts.team_key is not null
group by parts.team_key, parts.person_key, parts.week_start_date, parts.month_start_date
