{{ config(materialized='view') }}
-- Which activity counts. Only time entries can; the others are evidence. Where policy names who owns time, a source gives way on
-- each day on which a source with a lower number claims the same person's time. Whatever does not count says why.
with activities as {{ inlined() }} (
    select * from {{ ref('int_activities_dated') }}
),

authority as (
    select
        source,
        priority,
        coalesce(valid_from_date, date '0001-01-01') as first_date,
        coalesce(valid_to_date, date '9999-12-31') as last_date
    from {{ source('workspace', 'authority') }}
),

classified as {{ inlined() }} (
    select
        activities.*,
        case
            when types.activity_type_key is not null then types.activity_type_key
            when activities.activity_label is null then {{ surrogate_key(["'not stated'"]) }}
            else {{ surrogate_key(["'not classified'"]) }}
        end as activity_type_key,
        types.category
    from activities
    left join {{ ref('int_activity_labels_classified') }} as labels
        on activities.activity_label = labels.activity_label
        and activities.placed_date between labels.valid_from_date and labels.valid_to_date
    left join {{ ref('int_activity_types_known') }} as types
        on lower(labels.activity_type) = types.type_id
),

as_of as (
    select as_of_date from {{ source('workspace', 'as_of') }}
),

judged as {{ inlined() }} (
    select
        classified.*,
        case
            when activity_kind <> 'time_entry' then 'evidence'
            when not is_person then 'system_account'
            when placed_date is null then 'undated'
            when placed_date > as_of.as_of_date then 'after_as_of'
            when placed_date < calendar.first_date then 'outside_calendar'
            when category = 'absence' then 'absence'
        end as own_reason
    from classified
    cross join as_of
    cross join (select min(calendar_date) as first_date from {{ ref('int_calendar_days') }}) as calendar
),

-- An entry of no or of unknown length claims nothing, but gives way like any other. Without a policy there are no claims to weigh, and
-- nothing below costs anything.
claims as (
    select
        judged.person_key,
        judged.source,
        judged.work_date,
        judged.period_start_date,
        judged.period_end_date,
        coalesce(bool_or(judged.duration_us > 0), false) as has_time
    from judged
    where judged.own_reason is null
        and exists (select 1 from authority)
    group by judged.person_key, judged.source, judged.work_date, judged.period_start_date, judged.period_end_date
),

claimed_days as (
    select person_key, source, work_date as claim_date, has_time
    from claims
    where work_date is not null
    union
    select
        claims.person_key,
        claims.source,
        dates.calendar_date as claim_date,
        claims.has_time
    from claims
    inner join {{ ref('int_calendar_days') }} as dates
        on dates.calendar_date between claims.period_start_date and claims.period_end_date
    where claims.work_date is null
),

ranked_days as (
    select
        claimed_days.person_key,
        claimed_days.source,
        claimed_days.claim_date,
        min(coalesce(authority.priority, 2147483647)) as priority,
        bool_or(claimed_days.has_time) as has_time
    from claimed_days
    left join authority
        on claimed_days.source = authority.source
        and claimed_days.claim_date between authority.first_date and authority.last_date
    group by claimed_days.person_key, claimed_days.source, claimed_days.claim_date
),

overruled_days as (
    select
        person_key,
        source,
        claim_date,
        coalesce(
            priority > min(case when has_time then priority end) over (partition by person_key, claim_date), false
        ) as is_overruled
    from ranked_days
),

-- A period gives way if any of its days does: its hours cannot be told apart.
overruled_periods as (
    select
        claims.person_key,
        claims.source,
        claims.period_start_date,
        claims.period_end_date
    from claims
    inner join overruled_days
        on claims.person_key = overruled_days.person_key
        and claims.source = overruled_days.source
        and overruled_days.claim_date between claims.period_start_date and claims.period_end_date
    where claims.work_date is null
        and overruled_days.is_overruled
    group by all
),

reasoned as (
    select
        judged.*,
        coalesce(
            judged.own_reason,
            case
                when overruled_days.is_overruled or overruled_periods.person_key is not null then 'other_source_has_authority'
            end
        ) as not_counted_reason
    from judged
    left join overruled_days
        on judged.person_key = overruled_days.person_key
        and judged.source = overruled_days.source
        and judged.work_date = overruled_days.claim_date
    left join overruled_periods
        on judged.person_key = overruled_periods.person_key
        and judged.source = overruled_periods.source
        and judged.period_start_date = overruled_periods.period_start_date
        and judged.period_end_date = overruled_periods.period_end_date
)

select
    activity_key,
    day_part,
    activity_kind,
    source,
    source_record_id,
    delivery_id,
    person_key,
    is_resolved,
    person_span_key,
    team_key,
    role_key,
    place,
    project_ref_key,
    task_key,
    activity_type_key,
    work_date,
    date_basis,
    date_precision,
    started_at,
    ended_at,
    period_start_date,
    period_end_date,
    placed_date,
    duration_us,
    is_billable,
    approval_status,
    not_counted_reason is null as is_counted,
    not_counted_reason
from reasoned
