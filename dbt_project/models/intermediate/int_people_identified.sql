-- Who a roster row is: its employee number, else the one number that goes with its e-mail address anywhere, else the address, else what the
-- crosswalk says, else the source's own id. Two numbers are never merged into one person, and a name is never proof.
with roster_identities as (
    select
        source,
        source_record_id,
        person_email,
        person_number,
        person_source_id,
        bool_and(employment_type = 'system') filter (where employment_type is not null) as is_system
    from {{ ref('stg_people') }}
    group by source, source_record_id, person_email, person_number, person_source_id
),

-- Undated lines only: a roster row is one person whatever the day.
crosswalk as (
    select
        source,
        nullif(trim(person_source_id), '') as person_source_id,
        max({{ normal_email('maps_to_email') }}) as maps_to_email,
        max({{ normal_code('maps_to_number') }}) as maps_to_number
    from {{ source('workspace', 'people_crosswalk') }}
    where nullif(trim(person_source_id), '') is not null
    group by source, nullif(trim(person_source_id), '')
),

told as (
    select
        roster_identities.source,
        roster_identities.source_record_id,
        roster_identities.person_source_id,
        roster_identities.is_system,
        case
            when roster_identities.person_email is null and roster_identities.person_number is null then crosswalk.maps_to_email
            else roster_identities.person_email
        end as person_email,
        case
            when roster_identities.person_email is null and roster_identities.person_number is null then crosswalk.maps_to_number
            else roster_identities.person_number
        end as person_number
    from roster_identities
    left join crosswalk
        on roster_identities.source = crosswalk.source
        and roster_identities.person_source_id = crosswalk.person_source_id
),

email_numbers as (
    select
        person_email,
        min(person_number) as person_number,
        count(distinct person_number) as number_count
    from told
    where person_email is not null and person_number is not null
    group by person_email
),

identified as (
    select
        told.*,
        case
            when told.person_number is not null
                then {{ person_key_of(["'number'", 'told.person_number']) }}
            when email_numbers.number_count = 1
                then {{ person_key_of(["'number'", 'email_numbers.person_number']) }}
            when told.person_email is not null
                then {{ person_key_of(["'email'", 'told.person_email']) }}
            else {{ person_key_of(['told.source', 'coalesce(told.person_source_id, told.source_record_id)']) }}
        end as person_key
    from told
    left join email_numbers
        on told.person_email = email_numbers.person_email
),

systems as (
    select
        person_key,
        coalesce(bool_and(is_system) filter (where is_system is not null), false) as is_system
    from identified
    group by person_key
)

select
    identified.source,
    identified.source_record_id,
    identified.person_email,
    identified.person_number,
    identified.person_source_id,
    identified.person_key,
    not systems.is_system as is_person
from identified
inner join systems
    on identified.person_key = systems.person_key
