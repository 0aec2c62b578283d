{# Two tables tell one total: the sum of an expression here equals that of another expression over another relation, within a relative
   tolerance for sums of doubles (0 for whole numbers). No rows on both sides are equal. #}
{% test total_equals(model, expression, to, to_expression, where='true', to_where='true', tolerance=0.000000001) %}
with totals as (
    select
        (select coalesce(cast(sum({{ expression }}) as double), 0) from {{ model }} where {{ where }}) as total,
        (select coalesce(cast(sum({{ to_expression }}) as double), 0) from {{ to }} where {{ to_where }}) as other_total
)

select *
from totals
where abs(total - other_total) > {{ tolerance }} * greatest(1, abs(total))
{% endtest %}
