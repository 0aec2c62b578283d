{# Spans of one owner follow each other: a span starts after the one before it has ended. A NULL end is open. #}
{% test spans_do_not_overlap(model, owner, first_date, last_date) %}
with sequenced as (
    select
        {{ owner }},
        {{ first_date }},
        lag(coalesce({{ last_date }}, date '9999-12-31')) over (
            partition by {{ owner }} order by {{ first_date }}
        ) as previous_last_date
    from {{ model }}
    where {{ first_date }} is not null
)

select *
from sequenced
where previous_last_date >= {{ first_date }}
{% endtest %}
