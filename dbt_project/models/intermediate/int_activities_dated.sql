{{ config(materialized='view') }}
-- Every activity with its person, its local date, and what held for the person on that day.
-- An instant is dated in the person's zone, else by the offset written beside it, else in the source's zone; date_basis says which.
with activities as (
    select * from {{ ref('int_activities_united') }}
),

actors as (
    select actor_key, person_key, is_person, is_resolved
    from {{ ref('int_actors_matched') }}
),

person_spans as (
    select * from {{ ref('int_person_spans_resolved') }}
),

zones as (
    select
        sources.source,
        sources.zone as source_zone
    from {{ source('workspace', 'sources') }} as sources
),

attributed as (
    select
        activities.*,
        coalesce(lent.person_key, actors.person_key) as person_key,
        coalesce(actors.is_person, true) as is_person,
        lent.person_key is not null or actors.is_resolved as is_resolved,
        case when activities.date_precision = 'instant' then coalesce(activities.started_at, activities.ended_at) end
            as dating_instant
    from activities
    left join actors
        on activities.person_actor_key = actors.actor_key
    left join {{ ref('int_actors_lent') }} as lent
        on activities.person_actor_key = lent.actor_key
        and coalesce(activities.stated_date, cast(activities.started_at as date), activities.period_start_date)
        between lent.valid_from_date and lent.valid_to_date
),

zoned as (
    select
        attributed.*,
        person_zones.zone as person_zone,
        zones.source_zone,
        policy.default_zone
    from attributed
    cross join {{ source('workspace', 'policy') }} as policy
    left join zones
        on attributed.source = zones.source
    left join {{ ref('int_person_zones_held') }} as person_zones
        on attributed.person_key = person_zones.person_key
        and attributed.dating_instant >= person_zones.from_instant
        and attributed.dating_instant < person_zones.end_instant
),

based as (
    select
        zoned.*,
        case
            when dating_instant is not null and person_zone is not null then 'person_zone'
            when dating_instant is not null and utc_offset_minutes is not null then 'offset'
            when dating_instant is not null and source_zone is not null then 'source_zone'
            when stated_date is not null and not (date_precision = 'period' and period_start_date is distinct from period_end_date)
                then 'stated'
            when period_start_date = period_end_date then 'stated'
            when period_start_date <= period_end_date then 'period'
            when dating_instant is not null and default_zone is not null then 'default_zone'
            else 'unknown'
        end as date_basis
    from zoned
),

dated as (
    select
        based.*,
        case date_basis
            when 'person_zone' then {{ local_date('dating_instant', 'person_zone') }}
            when 'offset' then {{ offset_date('dating_instant', 'utc_offset_minutes') }}
            when 'source_zone' then {{ local_date('dating_instant', 'source_zone') }}
            when 'default_zone' then {{ local_date('dating_instant', 'default_zone') }}
            when 'stated' then coalesce(stated_date, period_start_date)
        end as work_date,
        -- A period without an end, or one that ends before it begins, is no date.
        case when date_basis = 'period' then period_start_date end as first_date,
        case when date_basis = 'period' then period_end_date end as last_date
    from based
)

select
    dated.activity_key,
    dated.activity_kind,
    dated.source,
    dated.source_record_id,
    dated.delivery_id,
    dated.person_key,
    dated.is_person,
    dated.is_resolved,
    person_spans.person_span_key,
    person_spans.team_key,
    person_spans.role_key,
    person_spans.place,
    dated.project_ref_key,
    dated.task_key,
    dated.activity_label,
    dated.work_date,
    dated.date_basis,
    case when dated.work_date is not null and dated.date_precision = 'period' then 'day' else dated.date_precision end
        as date_precision,
    dated.started_at,
    dated.ended_at,
    dated.first_date as period_start_date,
    dated.last_date as period_end_date,
    coalesce(dated.work_date, dated.first_date) as placed_date,
    dated.duration_us,
    dated.is_billable,
    dated.approval_status
from dated
left join person_spans
    on dated.person_key = person_spans.person_key
    and coalesce(dated.work_date, dated.first_date)
    between person_spans.valid_from_date and coalesce(person_spans.valid_to_date, date '9999-12-31')
