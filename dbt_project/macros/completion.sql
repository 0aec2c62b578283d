{#
  Completion by week for one kind of owner (a project, a team). One definition for every mart that counts completion.

  key          the mart's key column
  due_key      column of fct_tasks that owns the promise (the team of the day it was due)
  closing_key  column of fct_tasks that owns the finish (the team of the day it was finished)

  A task is placed in the week its baseline falls in. Where it has none that can be judged it is outside the denominators
  and shown beside, in the week of its reported due date, else of its finish, else of its creation, else of as_of.
  Throughput is placed in the week of the finish, whatever was promised.
#}
{% macro completion_by_week(key, due_key, closing_key) %}
with tasks as (
    select
        tasks.*,
        policy.week_starts_on,
        as_of.as_of_date,
        coalesce(
            tasks.baseline_due_date, tasks.due_date, tasks.completed_date, tasks.created_date, as_of.as_of_date
        ) as placement_date
    from {{ ref('fct_tasks') }} as tasks
    cross join {{ source('workspace', 'policy') }} as policy
    cross join {{ source('workspace', 'as_of') }} as as_of
),

placed_tasks as (
    select
        *,
        {{ week_start('placement_date', 'week_starts_on') }} as placement_week_date,
        {{ week_start('completed_date', 'week_starts_on') }} as completed_week_date
    from tasks
),

promises as (
    select
        {{ due_key }} as {{ key }},
        placement_week_date as week_start_date,
        count(*) as placed_tasks,
        count(*) filter (
            where completion_outcome in ('on_time', 'finished_late', 'overdue', 'not_yet_due')
        ) as due_tasks,
        count(*) filter (
            where
            completion_outcome in ('on_time', 'finished_late')
            and completed_date <= {{ add_days('placement_week_date', 6) }}
        ) as completed_by_week_end_tasks,
        count(*) filter (where completion_outcome = 'on_time') as on_time_tasks,
        count(*) filter (where completion_outcome = 'finished_late') as finished_late_tasks,
        count(*) filter (where completion_outcome = 'overdue') as overdue_tasks,
        count(*) filter (where completion_outcome = 'not_yet_due') as not_yet_due_tasks,
        count(*) filter (where completion_outcome = 'unknown_baseline') as unknown_baseline_tasks,
        count(*) filter (where completion_outcome = 'no_due_date') as no_due_date_tasks,
        count(*) filter (where completion_outcome = 'finished_undated') as finished_undated_tasks,
        count(*) filter (where completion_outcome = 'cancelled') as cancelled_tasks,
        count(*) filter (where due_move_count > 0) as moved_tasks,
        count(*) filter (where late_due_move_count > 0) as moved_late_tasks
    from placed_tasks
    group by {{ due_key }}, placement_week_date
),

finishes as (
    select
        {{ closing_key }} as {{ key }},
        completed_week_date as week_start_date,
        count(*) as throughput_tasks,
        count(cycle_us) as measured_cycle_tasks,
        cast(sum(cycle_us) as bigint) as cycle_us,
        percentile_cont(0.5) within group (order by cast(cycle_us as double)) as median_cycle_us,
        count(lead_us) as measured_lead_tasks,
        cast(sum(lead_us) as bigint) as lead_us,
        cast(sum(blocked_us) as bigint) as blocked_us,
        cast(sum(active_us) as bigint) as active_us,
        cast(sum(cycle_us) filter (where active_us is not null) as bigint) as flow_cycle_us,
        sum(reopen_count) as reopenings
    from placed_tasks
    where completed_week_date is not null
    group by {{ closing_key }}, completed_week_date
),

owner_weeks as (
    select {{ key }}, week_start_date from promises
    union
    select {{ key }}, week_start_date from finishes
),

-- Started and not yet finished when the week ended, as far as starts are known.
works_in_progress as (
    select
        owner_weeks.{{ key }},
        owner_weeks.week_start_date,
        count(*) as wip_tasks
    from owner_weeks
    inner join tasks
        on
            owner_weeks.{{ key }} is not distinct from tasks.{{ closing_key }}
            and tasks.started_date <= {{ add_days('owner_weeks.week_start_date', 6) }}
            and (
                tasks.is_open
                or coalesce(tasks.completed_date, tasks.cancelled_date)
                > {{ add_days('owner_weeks.week_start_date', 6) }}
            )
    where owner_weeks.week_start_date <= tasks.as_of_date
    group by owner_weeks.{{ key }}, owner_weeks.week_start_date
),

counted as (
    select
        owner_weeks.{{ key }},
        owner_weeks.week_start_date,
        {{ add_days('owner_weeks.week_start_date', 6) }} as week_end_date,
        {% for column in [
            'placed_tasks', 'due_tasks', 'completed_by_week_end_tasks', 'on_time_tasks', 'finished_late_tasks',
            'overdue_tasks', 'not_yet_due_tasks', 'unknown_baseline_tasks', 'no_due_date_tasks',
            'finished_undated_tasks', 'cancelled_tasks', 'moved_tasks', 'moved_late_tasks',
        ] -%}
        coalesce(promises.{{ column }}, 0) as {{ column }},
        {% endfor -%}
        coalesce(finishes.throughput_tasks, 0) as throughput_tasks,
        coalesce(finishes.measured_cycle_tasks, 0) as measured_cycle_tasks,
        finishes.cycle_us,
        finishes.median_cycle_us,
        coalesce(finishes.measured_lead_tasks, 0) as measured_lead_tasks,
        finishes.lead_us,
        finishes.blocked_us,
        finishes.active_us,
        finishes.flow_cycle_us,
        cast(finishes.reopenings as bigint) as reopenings,
        coalesce(works_in_progress.wip_tasks, 0) as wip_tasks
    from owner_weeks
    left join works_in_progress
        on
            owner_weeks.{{ key }} is not distinct from works_in_progress.{{ key }}
            and owner_weeks.week_start_date = works_in_progress.week_start_date
    left join promises
        on
            owner_weeks.{{ key }} is not distinct from promises.{{ key }}
            and owner_weeks.week_start_date = promises.week_start_date
    left join finishes
        on
            owner_weeks.{{ key }} is not distinct from finishes.{{ key }}
            and owner_weeks.week_start_date = finishes.week_start_date
),

-- Gaps that bear on what the tasks' source tells of their project.
counted_projects as (
    select
        {{ due_key }} as {{ key }},
        placement_week_date as week_start_date,
        tasks.source as told_source,
        tasks.project_key as told_project_key
    from placed_tasks as tasks

    union

    select
        {{ closing_key }} as {{ key }},
        completed_week_date as week_start_date,
        tasks.source as told_source,
        tasks.project_key as told_project_key
    from placed_tasks as tasks
    where completed_week_date is not null
),

project_gaps as (
    select
        counted_projects.{{ key }},
        counted_projects.week_start_date,
        gaps.gap_key
    from counted_projects
    inner join {{ project_gaps() }} as gaps
        on
            counted_projects.told_source = gaps.source
            and counted_projects.told_project_key is not distinct from gaps.project_key
            and coalesce(gaps.start_date, counted_projects.week_start_date)
            <= {{ add_days('counted_projects.week_start_date', 6) }}
            and coalesce(gaps.end_date, counted_projects.week_start_date) >= counted_projects.week_start_date
    group by all
),

gaps as (
    select
        {{ key }},
        week_start_date,
        count(*) as gap_count
    from project_gaps
    group by {{ key }}, week_start_date
)

select
    {{ surrogate_key(['counted.' ~ key, 'counted.week_start_date']) }} as {{ key | replace('_key', '_week_key') }},
    counted.{{ key }},
    counted.week_start_date,
    counted.week_end_date,
    counted.week_end_date < {{ as_of_date() }} as is_week_over,
    counted.placed_tasks,
    counted.due_tasks,
    counted.completed_by_week_end_tasks,
    counted.on_time_tasks,
    counted.finished_late_tasks,
    counted.overdue_tasks,
    counted.finished_late_tasks + counted.overdue_tasks as late_tasks,
    counted.not_yet_due_tasks,
    counted.unknown_baseline_tasks,
    counted.no_due_date_tasks,
    counted.finished_undated_tasks,
    counted.cancelled_tasks,
    counted.moved_tasks,
    counted.moved_late_tasks,
    {{ ratio('counted.completed_by_week_end_tasks', 'counted.due_tasks') }} as completion_ratio,
    {{ ratio('counted.on_time_tasks', 'counted.due_tasks') }} as on_time_ratio,
    counted.on_time_tasks + counted.finished_late_tasks as finished_due_tasks,
    {{ ratio('counted.on_time_tasks', 'counted.on_time_tasks + counted.finished_late_tasks') }}
        as on_time_of_finished_ratio,
    {{ ratio('counted.due_tasks', 'counted.due_tasks + counted.unknown_baseline_tasks + counted.finished_undated_tasks') }}
        as judged_ratio,
    counted.throughput_tasks,
    counted.measured_cycle_tasks,
    {{ hours('counted.cycle_us') }} as cycle_hours,
    {{ hours('counted.median_cycle_us') }} as median_cycle_hours,
    counted.measured_lead_tasks,
    {{ hours('counted.lead_us') }} as lead_hours,
    {{ hours('counted.blocked_us') }} as blocked_hours,
    {{ hours('counted.active_us') }} as active_hours,
    {{ hours('counted.flow_cycle_us') }} as flow_cycle_hours,
    {{ ratio('counted.active_us', 'counted.flow_cycle_us') }} as flow_efficiency_ratio,
    counted.reopenings,
    case when counted.week_start_date <= {{ as_of_date() }} then counted.wip_tasks end as wip_tasks,
    coalesce(gaps.gap_count, 0) as gap_count,
    counted.week_end_date < {{ as_of_date() }}
    and coalesce(gaps.gap_count, 0) = 0
    and counted.unknown_baseline_tasks = 0
    and counted.finished_undated_tasks = 0 as is_complete
from counted
left join gaps
    on
        counted.{{ key }} is not distinct from gaps.{{ key }}
        and counted.week_start_date = gaps.week_start_date
{% endmacro %}
