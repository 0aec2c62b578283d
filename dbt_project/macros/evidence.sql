{# What other tools saw of people's weeks. The gap and the mart that show it ask here, so that one definition holds for both. #}
{% macro captured_weeks() -%}
    {{ ref('int_person_weeks_captured') }}
{%- endmacro %}
