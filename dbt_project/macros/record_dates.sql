{# By which local date a source filters the records of a stream, where staging and the accounts must agree. #}
{% macro record_date(stream) -%}
    {%- if stream == 'time_entries' -%}
        coalesce(work_date, {{ offset_date('started_at', 'utc_offset_minutes') }}, {{ local_date('started_at', 'source_zone') }}, period_start_date)
    {%- elif stream == 'interactions' -%}
        coalesce(work_date, {{ offset_date('started_at', 'utc_offset_minutes') }}, {{ local_date('coalesce(started_at, created_at)', 'source_zone') }})
    {%- elif stream == 'process_events' -%}
        coalesce({{ offset_date('occurred_at', 'utc_offset_minutes') }}, {{ local_date('occurred_at', 'source_zone') }})
    {%- elif stream == 'task_changes' -%}
        {{ local_date('changed_at', 'source_zone') }}
    {%- elif stream in ('absences', 'allocations') -%}
        start_date
    {%- else -%}
        cast(null as date)
    {%- endif -%}
{%- endmacro %}

{# What makes a row an observation of its own: a roster without dates. #}
{% macro record_history(stream) -%}
    {%- if stream == 'people' -%}
        case
            when valid_from_basis = 'observed' or valid_from_date is null
                then coalesce(valid_from_date, {{ local_date('delivery_extracted_at', "coalesce(source_zone, 'UTC')") }})
        end
    {%- else -%}
        cast(null as {{ dbt.type_string() }})
    {%- endif -%}
{%- endmacro %}
