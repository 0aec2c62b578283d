-- Every project any stream names, as written there, once.
with mentions as (
    {% for stream in ['time_entries', 'tasks', 'milestones', 'allocations', 'interactions'] %}
    select
        source,
        project_source_id,
        project_code,
        project_name,
        client_name
    from {{ source('streams', stream) }}
    where coalesce(project_source_id, project_code, project_name) is not null
    group by all
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
),

spellings as (
    select
        source,
        project_source_id,
        project_code,
        project_name,
        client_name
    from mentions
    group by all
)

select
    {{ project_ref_key() }} as project_ref_key,
    source,
    project_source_id,
    project_code,
    project_name,
    client_name
from spellings
