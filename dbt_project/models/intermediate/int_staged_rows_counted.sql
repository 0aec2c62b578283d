-- What staging holds, by source and stream.
{% set durations = {'time_entries': 'duration_us', 'interactions': 'handling_us'} %}
{% set streams = [
    'absences', 'allocations', 'interactions', 'milestones', 'people', 'process_events', 'projects', 'rates', 'task_assignments',
    'task_changes', 'tasks', 'time_entries',
] %}
{% for stream in streams %}
select
    '{{ stream }}' as stream,
    source,
    count(*) as staged_rows,
    sum({{ durations.get(stream, 'cast(null as bigint)') }}) as staged_us
from {{ ref('stg_' ~ stream) }}
{% if stream == 'people' %}where not is_deleted{% endif %}
group by source
{% if not loop.last %}union all{% endif %}
{% endfor %}
