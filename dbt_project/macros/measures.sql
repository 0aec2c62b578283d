{# Microseconds to hours. Sum first, convert afterwards: hours({'sum(duration_us)'}). #}
{% macro hours(us_expression) -%}
    cast({{ us_expression }} as double) / 3600000000.0
{%- endmacro %}

{# A ratio of two sums: NULL where the denominator is 0 or unknown. #}
{% macro ratio(numerator, denominator) -%}
    cast({{ numerator }} as double) / nullif(cast({{ denominator }} as double), 0)
{%- endmacro %}
