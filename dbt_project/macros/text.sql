{# A pattern with `*` as a LIKE pattern with backslash as its escape. #}
{% macro like_pattern(expression) -%}
    replace(replace(replace(replace({{ expression }}, '\', '\\'), '%', '\%'), '_', '\_'), '*', '%')
{%- endmacro %}
