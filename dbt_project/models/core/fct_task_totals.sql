-- What a tool says was spent on a task against the entries of the same tool's log. Tolerance comes from the policy.
-- Entries count here whether or not another source has authority over the hours: the tool's total does not know of it.
with tasks as (
    select * from {{ ref('fct_tasks') }}
),

logged as (
    select
        task_key,
        min(source) as source,
        case when min(project_key) = max(project_key) then min(project_key) end as project_key,
        count(*) filter (where day_part = 1) as entries,
        count(*) filter (where day_part = 1 and duration_us is null) as entries_without_duration,
        cast(sum(duration_us) as bigint) as logged_us,
        min(coalesce(work_date, period_start_date)) as first_work_date,
        max(coalesce(work_date, period_end_date)) as last_work_date
    from {{ ref('fct_activities') }}
    where activity_kind = 'time_entry' and task_key is not null
    group by task_key
),

logging_sources as (
    select
        source,
        min(coalesce(work_date, period_start_date)) as log_first_date
    from {{ ref('fct_activities') }}
    where activity_kind = 'time_entry'
    group by source
),

compared as (
    select
        coalesce(tasks.task_key, logged.task_key) as task_key,
        coalesce(tasks.source, logged.source) as source,
        coalesce(tasks.project_key, logged.project_key) as project_key,
        tasks.person_key,
        tasks.team_key,
        tasks.task_key is not null as is_task_known,
        tasks.created_date,
        tasks.reported_spent_us,
        coalesce(logged.entries, 0) as entries,
        coalesce(logged.entries_without_duration, 0) as entries_without_duration,
        -- A source that keeps a log and has nothing for this task has logged nothing; one that keeps none says nothing.
        case when logging_sources.source is not null then coalesce(logged.logged_us, 0) else logged.logged_us end as logged_us,
        logged.first_work_date,
        logged.last_work_date,
        logging_sources.log_first_date,
        policy.reconciliation_tolerance_us
    from tasks
    full outer join logged on tasks.task_key = logged.task_key
    left join logging_sources on coalesce(tasks.source, logged.source) = logging_sources.source
    cross join {{ source('workspace', 'policy') }} as policy
    where tasks.reported_spent_us is not null or logged.task_key is not null
)

select
    task_key,
    source,
    project_key,
    person_key,
    team_key,
    is_task_known,
    first_work_date,
    last_work_date,
    entries,
    entries_without_duration,
    reported_spent_us,
    logged_us,
    logged_us - reported_spent_us as difference_us,
    reconciliation_tolerance_us as tolerance_us,
    case
        when not is_task_known then 'task_unknown'
        when reported_spent_us is null then 'no_reported_total'
        when logged_us is null then 'no_log'
        when abs(logged_us - reported_spent_us) <= reconciliation_tolerance_us then 'agrees'
        when entries_without_duration > 0 then 'entries_without_duration'
        when logged_us < reported_spent_us and entries = 0 then 'nothing_logged'
        when logged_us < reported_spent_us and created_date < log_first_date then 'log_starts_later'
        when logged_us < reported_spent_us then 'log_is_less'
        else 'log_is_more'
    end as reason
from compared
