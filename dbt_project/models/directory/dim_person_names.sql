-- The only published place with names, in its own file. The newest roster row speaks first, of several rosters that of the first source
-- by name, then whatever the sources write. Of an account that the crosswalk gives to somebody, its own address is not shown.
with people as (
    select
        people.person_key,
        facts.person_name,
        people.told_email as person_email,
        people.told_number as person_number,
        1 as preference,
        facts.valid_from_date as said_date,
        facts.source,
        facts.delivery_order,
        facts.person_fact_key as said_by
    from {{ ref('stg_people') }} as facts
    inner join {{ ref('int_people_identified') }} as people
        on facts.source = people.source
        and facts.source_record_id = people.source_record_id
        and facts.person_email is not distinct from people.person_email
        and facts.person_number is not distinct from people.person_number
        and facts.person_source_id is not distinct from people.person_source_id
    where people.is_person
        and not facts.is_deleted
),

-- An account may show an address or a number that is somebody else's: that one is theirs.
accounts as (
    select
        actors.person_key,
        actors.person_name,
        case when coalesce(emails.person_key, actors.person_key) = actors.person_key then actors.person_email end as person_email,
        case when coalesce(numbers.person_key, actors.person_key) = actors.person_key then actors.person_number end as person_number,
        2 as preference,
        cast(null as date) as said_date,
        actors.source,
        cast(null as bigint) as delivery_order,
        actors.actor_key as said_by
    from {{ ref('int_actors_matched') }} as actors
    left join {{ ref('int_person_identifiers_mapped') }} as emails
        on emails.identifier_kind = 'email'
        and actors.person_email = emails.identifier
    left join {{ ref('int_person_identifiers_mapped') }} as numbers
        on numbers.identifier_kind = 'number'
        and actors.person_number = numbers.identifier
    where actors.person_key is not null
),

said as (
    select * from people
    union all
    select * from accounts
),

ranked as (
    select
        said.*,
        row_number() over (
            partition by person_key
            order by preference, said_date desc nulls last, source, delivery_order desc nulls last, said_by
        ) as preference_rank
    from said
),

resolution as (
    select
        person_key,
        bool_or(is_resolved) as is_resolved,
        count(*) as account_count
    from {{ ref('int_actors_matched') }}
    where person_key is not null
    group by person_key
)

select
    ranked.person_key,
    min_by(ranked.person_name, ranked.preference_rank) filter (where ranked.person_name is not null) as person_name,
    min_by(ranked.person_email, ranked.preference_rank) filter (where ranked.person_email is not null) as person_email,
    min_by(ranked.person_number, ranked.preference_rank) filter (where ranked.person_number is not null) as person_number,
    coalesce(max(resolution.is_resolved), false) as is_resolved,
    coalesce(max(resolution.account_count), 0) as account_count
from ranked
left join resolution
    on ranked.person_key = resolution.person_key
group by ranked.person_key
