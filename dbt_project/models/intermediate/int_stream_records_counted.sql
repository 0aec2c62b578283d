-- What became of every delivered row: current, superseded, tombstoned or vanished, with its time. Judged as staging judges them and
-- counted apart from it, so that rows which staging loses or doubles after that show in the accounts.
{% set durations = {'time_entries': 'duration_us', 'interactions': 'handling_us'} %}
{% set streams = [
    'absences', 'allocations', 'interactions', 'milestones', 'people', 'process_events', 'projects', 'rates', 'task_assignments',
    'task_changes', 'tasks', 'time_entries',
] %}
with counted as (
    {% for stream in streams %}
    select
        '{{ stream }}' as stream,
        source,
        record_state,
        record_rows,
        record_us
    from (
        {{ record_versions(stream) }}

        select
            source,
            record_state,
            count(*) as record_rows,
            sum({{ durations.get(stream, 'cast(null as bigint)') }}) as record_us
        from judged
        group by source, record_state
    ) as judged_{{ stream }}
    {% if not loop.last %}union all{% endif %}
    {% endfor %}
)

select
    source,
    stream,
    sum(record_rows) as delivered_rows,
    sum(record_us) as delivered_us,
    {% for state in ['current', 'superseded', 'tombstoned', 'vanished'] %}
    coalesce(sum(record_rows) filter (where record_state = '{{ state }}'), 0) as {{ state }}_rows,
    sum(record_us) filter (where record_state = '{{ state }}') as {{ state }}_us{{ ',' if not loop.last }}
    {% endfor %}
from counted
group by source, stream
