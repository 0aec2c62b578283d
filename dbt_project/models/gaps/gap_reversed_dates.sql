-- What ends before it begins, and therefore holds on no day: approved absences, facts of the roster, rates. Bookings and time are told
-- by rules of their own.
with reversed as (
    select
        'absence' as what,
        source,
        source_record_id,
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
        source_record_id,
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
        source_record_id,
        person_actor_key,
        valid_from_date as start_date,
        valid_to_date as end_date
    from {{ ref('stg_rates') }}
    where valid_to_date < valid_from_date
)

select
    {{ gap_columns(
        rule='reversed_dates', severity="'warns'", scope='source',
        key_parts=['reversed.what', 'reversed.source', 'reversed.source_record_id', 'reversed.start_date'],
        source='reversed.source', person_key='actors.person_key', start_date='reversed.end_date', end_date='reversed.start_date',
        hours_at_stake='null',
        owner="coalesce(sources.owner, 'source owner')",
        detail="'Record ' || reversed.source_record_id || ' (' || reversed.what || ') ends before it begins, so it holds on no day'",
        remedy="'Correct its dates in the source.'"
    ) }}
from reversed
left join {{ ref('int_actors_matched') }} as actors
    on reversed.person_actor_key = actors.actor_key
left join {{ ref('dim_sources') }} as sources
    on reversed.source = sources.source
