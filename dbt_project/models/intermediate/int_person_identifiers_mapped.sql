-- What leads to exactly one person: what rosters show, and what the crosswalk says of them. An address or id that belongs to two people
-- leads to nobody.
with identifiers as (
    {% for column in ['person_email', 'told_email'] %}
    select 'email' as identifier_kind, cast(null as {{ dbt.type_string() }}) as source, {{ column }} as identifier, person_key, is_person
    from {{ ref('int_people_identified') }}
    union all
    {% endfor %}
    {% for column in ['person_number', 'told_number'] %}
    select 'number' as identifier_kind, cast(null as {{ dbt.type_string() }}) as source, {{ column }} as identifier, person_key, is_person
    from {{ ref('int_people_identified') }}
    union all
    {% endfor %}
    select 'source_id' as identifier_kind, source, person_source_id as identifier, person_key, is_person
    from {{ ref('int_people_identified') }}
)

select
    identifier_kind,
    source,
    identifier,
    min(person_key) as person_key,
    bool_and(is_person) as is_person
from identifiers
where identifier is not null
group by identifier_kind, source, identifier
having count(distinct person_key) = 1
