-- Who an actor is: e-mail address, then employee number, then the id that the same source's roster knows, then the crosswalk.
-- Never by name. Whoever is left becomes a person of their own, unresolved, so that no hour loses its owner.
with actors as (
    select
        actor_key,
        source,
        {{ normal_email('person_email') }} as person_email,
        {{ normal_code('person_number') }} as person_number,
        nullif(trim(person_source_id), '') as person_source_id,
        nullif(trim(person_name), '') as person_name,
        is_nobody
    from {{ ref('stg_actors') }}
),

identifiers as (
    select * from {{ ref('int_person_identifiers_mapped') }}
),

crosswalk_lines as (
    select
        source,
        nullif(trim(person_source_id), '') as person_source_id,
        {{ normal_email('person_email') }} as person_email,
        nullif(trim(person_name), '') as person_name,
        {{ normal_email('maps_to_email') }} as maps_to_email,
        {{ normal_code('maps_to_number') }} as maps_to_number
    from {{ source('workspace', 'people_crosswalk') }}
    where valid_from_date is null and valid_to_date is null
),

-- A line names an account by id, else address, else the name as the source writes it: the company's own word, not a guess of ours.
crosswalk as (
    select
        crosswalk_lines.source,
        case
            when person_source_id is not null then 'source_id'
            when person_email is not null then 'email'
            else 'name'
        end as account_kind,
        coalesce(person_source_id, person_email, person_name) as account,
        min(coalesce(emails.person_key, numbers.person_key)) as person_key,
        bool_and(coalesce(emails.is_person, numbers.is_person)) as is_person
    from crosswalk_lines
    left join identifiers as emails
        on emails.identifier_kind = 'email'
        and crosswalk_lines.maps_to_email = emails.identifier
    left join identifiers as numbers
        on numbers.identifier_kind = 'number'
        and crosswalk_lines.maps_to_number = numbers.identifier
    where coalesce(emails.person_key, numbers.person_key) is not null
        and coalesce(person_source_id, person_email, person_name) is not null
    group by all
    having count(distinct coalesce(emails.person_key, numbers.person_key)) = 1
),

matched as (
    select
        actors.*,
        coalesce(
            emails.person_key,
            numbers.person_key,
            source_ids.person_key,
            crosswalk_ids.person_key,
            crosswalk_emails.person_key,
            crosswalk_names.person_key
        ) as matched_person_key,
        coalesce(
            emails.is_person,
            numbers.is_person,
            source_ids.is_person,
            crosswalk_ids.is_person,
            crosswalk_emails.is_person,
            crosswalk_names.is_person,
            true
        ) as is_person,
        case
            when emails.person_key is not null then 'email'
            when numbers.person_key is not null then 'number'
            when source_ids.person_key is not null then 'source_id'
            when coalesce(crosswalk_ids.person_key, crosswalk_emails.person_key, crosswalk_names.person_key) is not null
                then 'crosswalk'
            else 'unresolved'
        end as match_basis
    from actors
    left join identifiers as emails
        on emails.identifier_kind = 'email'
        and actors.person_email = emails.identifier
    left join identifiers as numbers
        on numbers.identifier_kind = 'number'
        and actors.person_number = numbers.identifier
    left join identifiers as source_ids
        on source_ids.identifier_kind = 'source_id'
        and actors.source = source_ids.source
        and actors.person_source_id = source_ids.identifier
    left join crosswalk as crosswalk_ids
        on crosswalk_ids.account_kind = 'source_id'
        and actors.source = crosswalk_ids.source
        and actors.person_source_id = crosswalk_ids.account
    left join crosswalk as crosswalk_emails
        on crosswalk_emails.account_kind = 'email'
        and actors.source = crosswalk_emails.source
        and actors.person_email = crosswalk_emails.account
    left join crosswalk as crosswalk_names
        on crosswalk_names.account_kind = 'name'
        and actors.source = crosswalk_names.source
        and actors.person_name = crosswalk_names.account
)

select
    actor_key,
    source,
    person_email,
    person_number,
    person_source_id,
    person_name,
    is_nobody,
    match_basis,
    match_basis <> 'unresolved' as is_resolved,
    is_person,
    -- A system account is never a person. An unresolved address or number is the same stranger in every source; an id or a name is one
    -- of its own source only.
    case
        when not is_person then null
        when matched_person_key is not null then matched_person_key
        when person_email is not null then {{ person_key_of(["'unresolved email'", 'person_email']) }}
        when person_number is not null then {{ person_key_of(["'unresolved number'", 'person_number']) }}
        when person_source_id is not null then {{ person_key_of(["'unresolved id'", 'source', 'person_source_id']) }}
        else {{ person_key_of(["'unresolved name'", 'source', 'person_name']) }}
    end as person_key
from matched
