-- Accounts with activities that lead to nobody on a roster. Who they are stands in the directory file, under the same key.
with owners as (
    select source, owner from {{ ref('dim_sources') }}
),

-- An address that several people on the rosters share leads to none of them.
shared_addresses as (
    select actors.person_key
    from {{ ref('int_actors_matched') }} as actors
    inner join {{ ref('int_people_identified') }} as people
        on actors.person_email = people.person_email
    where not actors.is_resolved
    group by actors.person_key
),

unmatched as (
    select
        activities.person_key,
        activities.source,
        count(*) filter (where activities.day_part = 1) as activity_count,
        min(coalesce(activities.work_date, activities.period_start_date)) as start_date,
        max(coalesce(activities.work_date, activities.period_end_date)) as end_date,
        {{ hours('sum(activities.duration_us) filter (where activities.is_counted)') }} as hours_at_stake
    from {{ ref('fct_activities') }} as activities
    inner join (
        select person_key from {{ ref('dim_persons') }} where not is_resolved group by person_key
    ) as strangers
        on activities.person_key = strangers.person_key
    group by activities.person_key, activities.source
)

select
    {{ gap_columns(
        rule='unmatched_people', severity="'warns'", scope='person',
        key_parts=['unmatched.person_key', 'unmatched.source'],
        source='unmatched.source', person_key='unmatched.person_key',
        start_date='unmatched.start_date', end_date='unmatched.end_date', hours_at_stake='unmatched.hours_at_stake',
        owner="coalesce(owners.owner, 'people data')",
        detail="unmatched.activity_count || case when shared_addresses.person_key is not null then ' activities of an account whose address several people on the rosters share' else ' activities of an account that no roster knows' end",
        remedy="'Add its e-mail or employee number to the roster, or a line to reference/people_crosswalk.csv.'"
    ) }}
from unmatched
left join owners
    on unmatched.source = owners.source
left join shared_addresses
    on unmatched.person_key = shared_addresses.person_key
