-- Who a roster row is: its employee number, else the one number that goes with its e-mail address anywhere, else the address, else the
-- source's own id. An undated line of the crosswalk corrects that for an account whose address and number no other source's roster
-- knows. Two numbers are never merged into one person, and a name is never proof.
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

-- What a source's other rows, maybe of another of its exports, tell of an id: one number, or else one address.
ids_told as (
    select
        source,
        person_source_id,
        min(person_number) as person_number,
        case when count(person_number) = 0 then min(person_email) end as person_email
    from roster_identities
    where person_source_id is not null
    group by source, person_source_id
    having count(distinct person_number) = 1
        or (count(person_number) = 0 and count(distinct person_email) = 1)
),

own as (
    select
        roster_identities.*,
        coalesce(
            roster_identities.person_email, case when roster_identities.person_number is null then ids_told.person_email end
        ) as own_email,
        coalesce(
            roster_identities.person_number, case when roster_identities.person_email is null then ids_told.person_number end
        ) as own_number
    from roster_identities
    left join ids_told
        on roster_identities.source = ids_told.source
        and roster_identities.person_source_id = ids_told.person_source_id
),

email_numbers as (
    select
        own_email,
        min(own_number) as own_number,
        count(distinct own_number) as number_count
    from own
    where own_email is not null and own_number is not null
    group by own_email
),

own_persons as (
    select
        own.*,
        case
            when own.own_number is not null
                then {{ person_key_of(["'number'", 'own.own_number']) }}
            when email_numbers.number_count = 1
                then {{ person_key_of(["'number'", 'email_numbers.own_number']) }}
            when own.own_email is not null
                then {{ person_key_of(["'email'", 'own.own_email']) }}
            else {{ person_key_of(['own.source', 'coalesce(own.person_source_id, own.source_record_id)']) }}
        end as own_person_key
    from own
    left join email_numbers
        on own.own_email = email_numbers.own_email
),

email_persons as (
    select
        own_email,
        min(own_person_key) as person_key,
        count(distinct own_person_key) as person_count
    from own_persons
    where own_email is not null
    group by own_email
),

-- Undated lines only: a roster row is one person whatever the day.
crosswalk_lines as (
    select
        source,
        nullif(trim(person_source_id), '') as person_source_id,
        {{ normal_email('person_email') }} as person_email,
        {{ normal_email('maps_to_email') }} as maps_to_email,
        {{ normal_code('maps_to_number') }} as maps_to_number
    from {{ source('workspace', 'people_crosswalk') }}
    where valid_from_date is null and valid_to_date is null
),

-- An address that rosters know goes first, as for accounts; one that several people share leads to nobody.
lines_led as (
    select
        lines.source,
        case when lines.person_source_id is not null then 'source_id' else 'email' end as account_kind,
        coalesce(lines.person_source_id, lines.person_email) as account,
        case
            when email_persons.person_count = 1 then email_persons.person_key
            when lines.maps_to_number is not null then {{ person_key_of(["'number'", 'lines.maps_to_number']) }}
            when lines.maps_to_email is not null and email_persons.own_email is null
                then {{ person_key_of(["'email'", 'lines.maps_to_email']) }}
        end as person_key,
        case
            when email_persons.person_count = 1 or (lines.maps_to_number is null and email_persons.own_email is null)
                then lines.maps_to_email
        end as told_email,
        case when coalesce(email_persons.person_count, 0) <> 1 then lines.maps_to_number end as told_number
    from crosswalk_lines as lines
    left join email_persons
        on lines.maps_to_email = email_persons.own_email
),

-- Lines that disagree lead to nobody.
crosswalk as (
    select
        source,
        account_kind,
        account,
        min(person_key) as person_key,
        min(told_email) as told_email,
        min(told_number) as told_number
    from lines_led
    where person_key is not null and account is not null
    group by source, account_kind, account
    having count(distinct person_key) = 1
),

offered as (
    select
        own_persons.*,
        coalesce(by_id.person_key, by_email.person_key) as line_person_key,
        case when by_id.person_key is not null then by_id.told_email else by_email.told_email end as line_email,
        case when by_id.person_key is not null then by_id.told_number else by_email.told_number end as line_number
    from own_persons
    left join crosswalk as by_id
        on by_id.account_kind = 'source_id'
        and own_persons.source = by_id.source
        and own_persons.person_source_id = by_id.account
    left join crosswalk as by_email
        on by_email.account_kind = 'email'
        and own_persons.source = by_email.source
        and own_persons.own_email = by_email.account
),

-- Rosters that say by themselves whose an address or number is.
settled as (
    select 'email' as identifier_kind, own_email as identifier, source
    from offered
    where own_email is not null and coalesce(line_person_key, own_person_key) = own_person_key
    union all
    select 'number' as identifier_kind, own_number as identifier, source
    from offered
    where own_number is not null and coalesce(line_person_key, own_person_key) = own_person_key
),

settling as (
    select identifier_kind, identifier, min(source) as first_source, max(source) as last_source
    from settled
    group by identifier_kind, identifier
),

judged as (
    select
        offered.*,
        coalesce(offered.line_person_key <> offered.own_person_key, false)
        and coalesce(emails.first_source, offered.source) = offered.source
        and coalesce(emails.last_source, offered.source) = offered.source
        and coalesce(numbers.first_source, offered.source) = offered.source
        and coalesce(numbers.last_source, offered.source) = offered.source as is_led
    from offered
    left join settling as emails
        on emails.identifier_kind = 'email'
        and offered.own_email = emails.identifier
    left join settling as numbers
        on numbers.identifier_kind = 'number'
        and offered.own_number = numbers.identifier
),

identified as (
    select
        source,
        source_record_id,
        person_email,
        person_number,
        person_source_id,
        is_system,
        case when is_led then line_email else own_email end as told_email,
        case when is_led then line_number else own_number end as told_number,
        case when is_led then line_person_key else own_person_key end as person_key
    from judged
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
    identified.told_email,
    identified.told_number,
    identified.person_key,
    not systems.is_system as is_person
from identified
inner join systems
    on identified.person_key = systems.person_key
