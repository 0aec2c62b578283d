{# Part number `position` (from 1) of a whole number shared out over `parts`: the first parts take one of the remainder each, so that the
   parts add up to the whole. No integer division: engines write it differently. #}
{% macro share_of_whole(whole, parts, position) -%}
    cast(({{ whole }} - mod({{ whole }}, {{ parts }})) / {{ parts }} as bigint)
    + case when {{ position }} <= mod({{ whole }}, {{ parts }}) then 1 else 0 end
{%- endmacro %}
