{# First day of the week a date lies in. The argument week_starts_on is 1 = Monday … 7 = Sunday (workspace.policy). Arithmetic rather
   than a join to dim_dates: a due date beyond the calendar must not drop its task. #}
{% macro week_start(date_expression, week_starts_on) -%}
    {{ add_days(date_expression, '-mod(' ~ iso_weekday(date_expression) ~ ' - ' ~ week_starts_on ~ ' + 7, 7)') }}
{%- endmacro %}

{# First instant of a date in UTC. #}
{% macro start_of_utc_day(date_expression) -%}
    {{ adapter.dispatch('start_of_utc_day', 'workledger')(date_expression) }}
{%- endmacro %}

{% macro duckdb__start_of_utc_day(date_expression) -%}
    cast({{ date_expression }} as timestamp with time zone)
{%- endmacro %}

{% macro default__start_of_utc_day(date_expression) -%}
    cast({{ date_expression }} as timestamp)
{%- endmacro %}

{#
Whether a span of employment facts holds for a person on a day. A NULL end is open: said as a late date, since an outer join on an `or`
compares every row with every row.
#}
{% macro span_holds(span, person_key, day) -%}
    {{ span }}.person_key = {{ person_key }}
    and {{ day }} between {{ span }}.valid_from_date and coalesce({{ span }}.valid_to_date, date '9999-12-31')
{%- endmacro %}
