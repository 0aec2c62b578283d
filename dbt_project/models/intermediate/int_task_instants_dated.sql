-- Local dates of a task's instants: in the zone the assignee worked in on that day, else the zone of the
-- source, else the zone of the policy. date_basis says which.
with flows as (
    select * from {{ ref('int_task_flow_measured') }}
),

tasks as (
    select * from {{ ref('stg_tasks') }}
),

actors as (
    select * from {{ ref('int_actors_matched') }}
),

sources as (
    select * from {{ source('workspace', 'sources') }}
),

policy as (
    select default_zone from {{ source('workspace', 'policy') }}
),

instants as (
    select task_key, 'created' as instant_kind, created_at as occurred_at from flows
    union all
    select task_key, 'started' as instant_kind, started_at as occurred_at from flows
    union all
    select task_key, 'first_blocked' as instant_kind, first_blocked_at as occurred_at from flows
    union all
    select task_key, 'completed' as instant_kind, completed_at as occurred_at from flows
    union all
    select task_key, 'cancelled' as instant_kind, cancelled_at as occurred_at from flows
),

zoned as (
    select
        instants.task_key,
        instants.instant_kind,
        instants.occurred_at,
        coalesce(person_zones.zone, sources.zone, policy.default_zone) as zone,
        case
            when person_zones.zone is not null then 'person_zone'
            when sources.zone is not null then 'source_zone'
            when policy.default_zone is not null then 'default_zone'
            else 'unknown'
        end as date_basis
    from instants
    inner join tasks on instants.task_key = tasks.task_key
    cross join policy
    left join actors on tasks.assignee_actor_key = actors.actor_key
    left join {{ ref('int_person_zones_held') }} as person_zones
        on actors.person_key = person_zones.person_key
        and instants.occurred_at >= person_zones.from_instant
        and instants.occurred_at < person_zones.end_instant
    left join sources on tasks.source = sources.source
    where instants.occurred_at is not null
)

select
    {{ surrogate_key(['task_key', 'instant_kind']) }} as task_instant_key,
    task_key,
    instant_kind,
    occurred_at,
    {{ local_date('occurred_at', 'zone') }} as occurred_date,
    date_basis
from zoned
