{{ config(materialized='view') }}
-- Every activity with its person, its local date, and what held for the person on that day.
-- An instant is dated in the person's zone, else by the offset written beside it, else in the source's zone; date_basis says which. A time
-- entry that runs over midnight there is parted at midnight. What runs for more than a day is no shift but a timer that was forgotten: it
-- stays whole on its first day, where over_24_hours tells of it.
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

lent_accounts as (
    select actor_key
    from {{ ref('int_actors_lent') }}
    group by actor_key
),

-- Whose a lent account is hangs on the day, which has to be found before the person and their zone are known: as the source sees it. Only
-- entries of such accounts need it.
seen as (
    select
        activities.*,
        zones.source_zone,
        policy.default_zone,
        case
            when lent_accounts.actor_key is not null
                then coalesce(
                    activities.stated_date,
                    {{ offset_date('activities.started_at', 'activities.utc_offset_minutes') }},
                    {{ local_date('activities.started_at', 'coalesce(zones.source_zone, policy.default_zone)') }},
                    activities.period_start_date
                )
        end as holder_date
    from activities
    cross join {{ source('workspace', 'policy') }} as policy
    left join zones
        on activities.source = zones.source
    left join lent_accounts
        on activities.person_actor_key = lent_accounts.actor_key
),

attributed as (
    select
        seen.*,
        coalesce(lent.person_key, actors.person_key) as person_key,
        coalesce(actors.is_person, true) as is_person,
        lent.person_key is not null or actors.is_resolved as is_resolved,
        case when seen.date_precision = 'instant' then coalesce(seen.started_at, seen.ended_at) end as dating_instant
    from seen
    left join actors
        on seen.person_actor_key = actors.actor_key
    left join {{ ref('int_actors_lent') }} as lent
        on seen.person_actor_key = lent.actor_key
        and seen.holder_date between lent.valid_from_date and lent.valid_to_date
),

zoned as (
    select
        attributed.*,
        person_zones.zone as person_zone
    from attributed
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

zone_dated as (
    select
        based.*,
        case date_basis
            when 'person_zone' then person_zone
            when 'source_zone' then source_zone
            when 'default_zone' then default_zone
        end as dating_zone
    from based
),

dated as (
    select
        zone_dated.*,
        case
            when zone_dated.dating_zone is not null
                then coalesce(days.local_date, {{ local_date('zone_dated.dating_instant', 'zone_dated.dating_zone') }})
            when zone_dated.date_basis = 'offset' then {{ offset_date('zone_dated.dating_instant', 'zone_dated.utc_offset_minutes') }}
            when zone_dated.date_basis = 'stated' then coalesce(zone_dated.stated_date, zone_dated.period_start_date)
        end as work_date,
        -- A period without an end, or one that ends before it begins, is no date.
        case when zone_dated.date_basis = 'period' then zone_dated.period_start_date end as first_date,
        case when zone_dated.date_basis = 'period' then zone_dated.period_end_date end as last_date,
        case
            when zone_dated.activity_kind = 'time_entry'
                and zone_dated.duration_us > 0
                and zone_dated.ended_at > zone_dated.started_at
                and zone_dated.ended_at <= {{ add_minutes('zone_dated.started_at', 24 * 60) }}
                then case when zone_dated.date_basis = 'offset' then 'UTC' else zone_dated.dating_zone end
        end as midnight_zone
    from zone_dated
    left join {{ ref('int_utc_days_dated') }} as days
        on zone_dated.dating_zone = days.zone
        and {{ utc_date('zone_dated.dating_instant') }} = days.utc_date
        and zone_dated.dating_instant >= days.first_instant
        and zone_dated.dating_instant < days.end_instant
),

bounded as (
    select
        dated.*,
        {% for day in ['second', 'third'] -%}
        case
            when dated.date_basis = 'offset' then {{ add_minutes('midnights.' ~ day ~ '_day_at', '-dated.utc_offset_minutes') }}
            else midnights.{{ day }}_day_at
        end as {{ day }}_day_at{{ ',' if not loop.last }}
        {% endfor %}
    from dated
    left join {{ ref('int_midnights_dated') }} as midnights
        on dated.midnight_zone = midnights.zone
        and dated.work_date = midnights.calendar_date
),

reached as (
    select
        bounded.*,
        case
            when ended_at > third_day_at then 3
            when ended_at > second_day_at then 2
            else 1
        end as days_reached
    from bounded
),

-- Each day that an entry reaches, once.
day_parts as (
    {% for reached, part in [(1, 1), (2, 1), (2, 2), (3, 1), (3, 2), (3, 3)] -%}
    select {{ reached }} as days_reached, {{ part }} as day_part
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

parted as (
    select
        reached.*,
        day_parts.day_part,
        case day_parts.day_part when 1 then reached.started_at when 2 then reached.second_day_at else reached.third_day_at end
            as part_started_at,
        case
            when day_parts.day_part = reached.days_reached then reached.ended_at
            when day_parts.day_part = 1 then reached.second_day_at
            else reached.third_day_at
        end as part_ended_at,
        {{ add_days('reached.work_date', 'day_parts.day_part - 1') }} as part_date
    from reached
    inner join day_parts
        on reached.days_reached = day_parts.days_reached
)

-- What is logged goes to the days as the time on the clock does: what a day has is what was there by its end less what was there before.
select
    case
        when parted.day_part = 1 then parted.activity_key
        else {{ surrogate_key(['parted.activity_key', 'parted.day_part']) }}
    end as activity_key,
    parted.day_part,
    parted.activity_kind,
    parted.source,
    parted.source_record_id,
    parted.delivery_id,
    parted.person_key,
    parted.is_person,
    parted.is_resolved,
    person_spans.person_span_key,
    person_spans.team_key,
    person_spans.role_key,
    person_spans.place,
    parted.project_ref_key,
    parted.task_key,
    parted.activity_label,
    parted.part_date as work_date,
    parted.date_basis,
    case when parted.work_date is not null and parted.date_precision = 'period' then 'day' else parted.date_precision end
        as date_precision,
    parted.part_started_at as started_at,
    parted.part_ended_at as ended_at,
    parted.first_date as period_start_date,
    parted.last_date as period_end_date,
    coalesce(parted.part_date, parted.first_date) as placed_date,
    case
        when parted.days_reached = 1 then parted.duration_us
        else {{ share_until('parted.duration_us', 'parted.started_at', 'parted.part_ended_at', 'parted.ended_at') }}
            - {{ share_until('parted.duration_us', 'parted.started_at', 'parted.part_started_at', 'parted.ended_at') }}
    end as duration_us,
    parted.is_billable,
    parted.approval_status
from parted
left join person_spans
    on parted.person_key = person_spans.person_key
    and coalesce(parted.part_date, parted.first_date)
    between person_spans.valid_from_date and coalesce(person_spans.valid_to_date, date '9999-12-31')
