{# Microseconds at an hourly rate as an amount of four decimals, half up. Whole numbers all the way: a float would decide the last digit. #}
{% macro amount_of(duration_us, hourly_rate) -%}
    {{ adapter.dispatch('amount_of', 'workledger')(duration_us, hourly_rate) }}
{%- endmacro %}

{% macro duckdb__amount_of(duration_us, hourly_rate) -%}
    cast(
        (cast({{ duration_us }} as hugeint) * cast({{ hourly_rate }} * 10000 as hugeint) + 1800000000) // 3600000000
        as decimal(22, 0)
    ) * cast(0.0001 as decimal(5, 4))
{%- endmacro %}

{% macro default__amount_of(duration_us, hourly_rate) -%}
    cast(round({{ duration_us }} * {{ hourly_rate }} / 3600000000, 4) as decimal(18, 4))
{%- endmacro %}
