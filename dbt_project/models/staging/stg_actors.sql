-- Everybody any stream names, as written there, once. Keys are made from the distinct spellings, not from every row. Where logged work or
-- contact names nobody, there is an actor all the same, so that its hours have an owner; elsewhere nobody is nobody.
{% set owned = ['people', 'time_entries', 'interactions'] %}
{% set mentions = [
    ('people', 'person'),
    ('time_entries', 'person'),
    ('absences', 'person'),
    ('allocations', 'person'),
    ('rates', 'person'),
    ('tasks', 'assignee'),
    ('task_assignments', 'person'),
    ('task_changes', 'author'),
    ('process_events', 'person'),
    ('interactions', 'person'),
] %}
with mentions as (
    {% for stream, prefix in mentions %}
    select
        source,
        {{ prefix }}_email as person_email,
        {{ prefix }}_number as person_number,
        {{ prefix }}_source_id as person_source_id,
        {{ prefix }}_name as person_name
    from {{ source('streams', stream) }}
    {% if stream not in owned %}
    where coalesce({{ prefix }}_email, {{ prefix }}_number, {{ prefix }}_source_id, {{ prefix }}_name) is not null
    {% endif %}
    group by all
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

spellings as (
    select
        source,
        person_email,
        person_number,
        person_source_id,
        person_name
    from mentions
    group by all
)

select
    {{ actor_key('person', nobody=true) }} as actor_key,
    source,
    person_email,
    person_number,
    person_source_id,
    person_name,
    coalesce(person_email, person_number, person_source_id, person_name) is null as is_nobody
from spellings
