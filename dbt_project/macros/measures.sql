{# Microseconds to hours. Sum first, convert afterwards: hours({'sum(duration_us)'}). #}
{% macro hours(us_expression) -%}
    cast({{ us_expression }} as double) / 3600000000.0
{%- endmacro %}

{# A ratio of two sums: NULL where the denominator is 0 or unknown. #}
{% macro ratio(numerator, denominator) -%}
    cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0)
{%- endmacro %}

{# Amount of a time at an hourly rate, to four places, half up. In whole numbers: DuckDB divides decimals as doubles, which do not add up. #}
{% macro amount_of(us_expression, hourly_rate) -%}
    {{ adapter.dispatch('amount_of', 'workledger')(us_expression, hourly_rate) }}
{%- endmacro %}

{% macro duckdb__amount_of(us_expression, hourly_rate) -%}
    cast(
        cast(
            (cast({{ us_expression }} as hugeint) * cast({{ hourly_rate }} * 10000 as hugeint) + 1800000000) // 3600000000 as decimal(18, 0)
        ) * cast(0.0001 as decimal(5, 4)) as decimal(18, 4)
    )
{%- endmacro %}

{% macro default__amount_of(us_expression, hourly_rate) -%}
    cast(round(cast({{ us_expression }} as decimal(38, 0)) * {{ hourly_rate }} / 3600000000, 4) as decimal(18, 4))
{%- endmacro %}
