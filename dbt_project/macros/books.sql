{# Whether a time entry of the books reads otherwise on the other side, or is not there at all. #}
{% macro reads_otherwise(one, other) -%}
    (
        {{ other }}.activity_key is null
        {%- for column in [
            'person_key', 'team_key', 'role_key', 'project_key', 'activity_type_key', 'booked_date', 'duration_us', 'is_billable', 'is_counted'
        ] %}
        or {{ one }}.{{ column }} is distinct from {{ other }}.{{ column }}
        {%- endfor %}
    )
{%- endmacro %}

{# What the source itself says of a time entry. Not its note, which nothing reads, and not when it was last saved. #}
{% macro said_of_time_entry(row) -%}
    {%- set parts = [] -%}
    {%- for column in [
        'person_email', 'person_number', 'person_source_id', 'person_name', 'project_source_id', 'project_code', 'project_name',
        'client_name', 'task_source_id', 'task_name', 'activity_name', 'tags', 'date_precision', 'started_at', 'ended_at',
        'utc_offset_minutes', 'work_date', 'period_start_date', 'period_end_date', 'duration_us', 'is_billable', 'approval_status'
    ] -%}
        {%- do parts.append(row ~ '.' ~ column) -%}
    {%- endfor -%}
    {{ surrogate_key(parts) }}
{%- endmacro %}
