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
