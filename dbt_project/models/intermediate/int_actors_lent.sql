-- Accounts that belonged to somebody for some days only: dated lines of the crosswalk, for accounts that nothing else matches. Where two lines
-- of one account overlap, the one that starts later holds.
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

lent as (
    select
        actors.actor_key,
        coalesce(emails.person_key, numbers.person_key) as person_key,
        lines.first_date,
        lines.last_date
    from lines
    inner join {{ ref('int_actors_matched') }} as actors
        on lines.source = actors.source
        and (
            lines.person_source_id = actors.person_source_id
            or (lines.person_source_id is null and lines.person_email = actors.person_email)
            or (
                coalesce(lines.person_source_id, lines.person_email) is null
                and lines.person_name = actors.person_name
            )
        )
        and not actors.is_resolved
    left join {{ ref('int_person_identifiers_mapped') }} as emails
        on emails.identifier_kind = 'email'
        and lines.maps_to_email = emails.identifier
        and emails.is_person
    left join {{ ref('int_person_identifiers_mapped') }} as numbers
        on numbers.identifier_kind = 'number'
        and lines.maps_to_number = numbers.identifier
        and numbers.is_person
),

sequenced as (
    select
        actor_key,
        person_key,
        first_date,
        last_date,
        lead(first_date) over (partition by actor_key order by first_date, last_date) as next_first_date
    from lent
    where person_key is not null
)

select
    actor_key,
    person_key,
    first_date as valid_from_date,
    least(last_date, coalesce({{ add_days('next_first_date', -1) }}, last_date)) as valid_to_date
from sequenced
where next_first_date is null or first_date < next_first_date
