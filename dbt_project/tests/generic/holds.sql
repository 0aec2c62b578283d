{# Every row satisfies the expression; one for which it is NULL does not. #}
{% test holds(model, expression) %}
select *
from {{ model }}
where not coalesce({{ expression }}, false)
{% endtest %}
