{#
A CTE over every row of a large table that is read more than once, each time in other columns: read anew it costs less than kept. DuckDB
would keep it in memory, with all its columns.
#}
{% macro inlined() -%}
    {{ adapter.dispatch('inlined', 'workledger')() }}
{%- endmacro %}

{% macro duckdb__inlined() -%}
    not materialized
{%- endmacro %}

{% macro default__inlined() -%}
{%- endmacro %}
