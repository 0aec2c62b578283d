-- What ends before it begins, and therefore holds on no day: approved absences, facts of the roster, rates. Bookings and time are told
-- by rules of their own. Records are counted, not named: the id of a roster's record may say who stands behind a key.
with reversed as (
    select
        'absence' as what,
        source,
        person_actor_key,
        start_date,
        end_date
    from {{ ref('stg_absences') }}
    where end_date < start_date
        and status = 'approved'

    union all

    select
        'employment fact' as what,
        source,
        person_actor_key,
        case when valid_to_date < valid_from_date then valid_from_date else hired_date end as start_date,
        case when valid_to_date < valid_from_date then valid_to_date else left_date end as end_date
    from {{ ref('stg_people') }}
    where not is_deleted
        and (valid_to_date < valid_from_date or left_date < hired_date)

    union all

    select
        'rate' as what,
        source,
        person_actor_key,
        valid_from_date as start_date,
        valid_to_date as end_date
    from {{ ref('stg_rates') }}
    where valid_to_date < valid_from_date
),

counted as (
    select
        reversed.what,
        reversed.source,
        actors.person_key,
        reversed.start_date,
        reversed.end_date,
        count(*) as record_count
    from reversed
    left join {{ ref('int_actors_matched') }} as actors
        on reversed.person_actor_key = actors.actor_key
    group by reversed.what, reversed.source, actors.person_key, reversed.start_date, reversed.end_date
)

select
    {{ gap_columns(
        rule='reversed_dates', severity="'warns'", scope='source',
        key_parts=['counted.what', 'counted.source', 'counted.person_key', 'counted.start_date', 'counted.end_date'],
        source='counted.source', person_key='counted.person_key', start_date='counted.end_date', end_date='counted.start_date',
        hours_at_stake='null',
        owner="coalesce(sources.owner, 'source owner')",
        detail="counted.what || ': ' || counted.record_count || ' that ends before it begins and so holds on no day'",
        remedy="'Correct the dates in the source.'"
    ) }}
from counted
left join {{ ref('dim_sources') }} as sources
    on counted.source = sources.source
