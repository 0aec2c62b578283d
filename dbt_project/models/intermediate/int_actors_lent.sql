-- Accounts that belonged to somebody for some days only: dated lines of the crosswalk, for accounts that nothing else matches but the list
-- of their own source, by id alone. Of the lines that hold on a day the one that starts later is right, also where it leads to somebody
-- whom nobody knows: the account was not another's. Two lines of the same days that disagree lead to nobody.
with lines as (
    select
        source,
        nullif(trim(person_source_id), '') as person_source_id,
        {{ normal_email('person_email') }} as person_email,
        nullif(trim(person_name), '') as person_name,
        {{ normal_email('maps_to_email') }} as maps_to_email,
        {{ normal_code('maps_to_number') }} as maps_to_number,
        coalesce(valid_from_date, date '0001-01-01') as first_date,
        coalesce(valid_to_date, date '9999-12-31') as last_date
    from {{ source('workspace', 'people_crosswalk') }}
    where valid_from_date is not null or valid_to_date is not null
),

known_by_id_alone as (
    select person_key
    from {{ ref('int_people_identified') }}
    group by person_key
    having count(told_email) = 0 and count(told_number) = 0
),

lendable as (
    select actors.*
    from {{ ref('int_actors_matched') }} as actors
    left join known_by_id_alone
        on actors.person_key = known_by_id_alone.person_key
    where not actors.is_resolved
        or (actors.match_basis = 'source_id' and known_by_id_alone.person_key is not null)
),

lent as (
    select
        actors.actor_key,
        coalesce(emails.person_key, numbers.person_key) as person_key,
        lines.first_date,
        lines.last_date
    from lines
    inner join lendable as actors
        on lines.source = actors.source
        and (
            lines.person_source_id = actors.person_source_id
            or (lines.person_source_id is null and lines.person_email = actors.person_email)
            or (
                coalesce(lines.person_source_id, lines.person_email) is null
                and lines.person_name = actors.person_name
            )
        )
    left join {{ ref('int_person_identifiers_mapped') }} as emails
        on emails.identifier_kind = 'email'
        and lines.maps_to_email = emails.identifier
        and emails.is_person
    left join {{ ref('int_person_identifiers_mapped') }} as numbers
        on numbers.identifier_kind = 'number'
        and lines.maps_to_number = numbers.identifier
        and numbers.is_person
),

boundaries as (
    select actor_key, first_date as boundary_date from lent
    union
    select actor_key, {{ add_days('last_date', 1) }} as boundary_date from lent where last_date < date '9999-12-31'
),

intervals as (
    select
        actor_key,
        boundary_date as from_date,
        coalesce(
            {{ add_days('lead(boundary_date) over (partition by actor_key order by boundary_date)', -1) }}, date '9999-12-31'
        ) as to_date
    from boundaries
),

told as (
    select
        intervals.actor_key,
        intervals.from_date,
        intervals.to_date,
        lent.person_key
    from intervals
    inner join lent
        on intervals.actor_key = lent.actor_key
        and intervals.from_date between lent.first_date and lent.last_date
    qualify rank() over (
        partition by intervals.actor_key, intervals.from_date
        order by lent.first_date desc, lent.last_date desc
    ) = 1
),

holders as (
    select
        actor_key,
        from_date,
        to_date,
        min(person_key) as person_key
    from told
    group by actor_key, from_date, to_date
    having count(distinct coalesce(person_key, '')) = 1
)

select
    actor_key,
    person_key,
    from_date as valid_from_date,
    to_date as valid_to_date
from holders
where person_key is not null
