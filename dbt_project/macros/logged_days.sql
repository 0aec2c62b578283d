{# Which days people logged. Gap rules and marts ask here, so that one definition holds for all. #}
{% macro logged_days() -%}
    {{ ref('int_person_days_logged') }}
{%- endmacro %}
