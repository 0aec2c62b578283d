-- Lists of tasks that stopped while the time on them goes on: hours are logged in the source itself, or by any source on its projects,
-- later than its newest export of tasks allows. What is done, late or estimated there is told as of that export.
--
-- An export of tasks holds until its next turn by the source's rhythm (a day, a week, a month later) and as many working days as policy
-- gives such exports, and late_working_days more; a source without a rhythm is never late. A source that is overdue as a whole is in gap_silent_sources.
with thresholds as (
    {{ thresholds('task_data_older_than_time', ['late_working_days'], by_source=true) }}
),

rhythmic as (
    select
        sources.source,
        sources.rhythm,
        sources.owner,
        coalesce(zones.zone, 'UTC') as zone,
        case sources.rhythm
            when 'weekly' then policy.weekly_due_working_day
            when 'monthly' then policy.monthly_due_working_day
            else 1
        end + thresholds.late_working_days as due_working_day
    from {{ source('workspace', 'sources') }} as sources
    cross join {{ source('workspace', 'policy') }} as policy
    inner join thresholds
        on sources.source = thresholds.source
    left join {{ ref('int_zones_known') }} as zones
        on lower(coalesce(sources.zone, policy.default_zone)) = zones.zone_id
    where sources.rhythm is not null
        and sources.source not in (select source from {{ ref('gap_silent_sources') }})
),

reached as (
    select
        rhythmic.source,
        rhythmic.rhythm,
        rhythmic.owner,
        rhythmic.due_working_day,
        max(
            least(
                coalesce(delivered.coverage_to, {{ local_date('delivered.extracted_at', 'rhythmic.zone') }}),
                {{ local_date('delivered.extracted_at', 'rhythmic.zone') }}
            )
        ) as tasks_date
    from rhythmic
    inner join {{ source('workspace', 'delivery_streams') }} as delivered
        on rhythmic.source = delivered.source
        and delivered.stream = 'tasks'
    group by rhythmic.source, rhythmic.rhythm, rhythmic.owner, rhythmic.due_working_day
),

turns as (
    select
        reached.*,
        case reached.rhythm
            when 'weekly' then {{ add_days('reached.tasks_date', 7) }}
            when 'monthly' then {{ add_months('reached.tasks_date', 1) }}
            else {{ add_days('reached.tasks_date', 1) }}
        end as turn_date
    from reached
),

-- Public holidays where people log.
holidays as (
    select holidays.holiday_date
    from {{ source('workspace', 'holidays') }} as holidays
    inner join (select place from {{ ref('fct_activities') }} where place is not null group by place) as places
        on holidays.place in (places.place, split_part(places.place, '-', 1))
    group by holidays.holiday_date
),

numbered_days as (
    select
        turns.source,
        dates.calendar_date,
        row_number() over (partition by turns.source order by dates.calendar_date) as day_number
    from turns
    inner join {{ ref('dim_dates') }} as dates
        on dates.calendar_date > turns.turn_date
        and dates.is_policy_weekday
    left join holidays
        on dates.calendar_date = holidays.holiday_date
    where holidays.holiday_date is null
),

task_projects as (
    select
        source,
        project_key
    from {{ ref('fct_tasks') }}
    where project_key is not null
    group by source, project_key
),

later_hours as (
    select
        turns.source,
        max(activities.work_date) as last_date,
        sum(activities.duration_us) as logged_us
    from turns
    inner join {{ ref('fct_activities') }} as activities
        on activities.activity_kind = 'time_entry'
        and activities.work_date > turns.tasks_date
        and activities.work_date <= {{ as_of_date() }}
    left join task_projects
        on turns.source = task_projects.source
        and activities.project_key = task_projects.project_key
    where (activities.source = turns.source and activities.task_key is not null)
        or task_projects.source is not null
    group by turns.source
)

select
    {{ gap_columns(
        rule='task_data_older_than_time', severity="'warns'", scope='source',
        key_parts=['turns.source', 'turns.tasks_date'],
        source='turns.source', stream="'tasks'", start_date=add_days('turns.tasks_date', 1), end_date='later_hours.last_date',
        hours_at_stake=hours('later_hours.logged_us'),
        owner="coalesce(turns.owner, 'source owner')",
        detail="'The newest tasks are of ' || turns.tasks_date || ', time on them is logged up to ' || later_hours.last_date",
        remedy="'Deliver the tasks together with the time; if they come less often now, give them a source of their own with its `rhythm`.'"
    ) }}
from turns
inner join later_hours
    on turns.source = later_hours.source
inner join numbered_days
    on turns.source = numbered_days.source
    and turns.due_working_day = numbered_days.day_number
where later_hours.last_date > numbered_days.calendar_date
