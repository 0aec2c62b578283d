-- One row a span for people a roster knows; one open row for those it does not, and for those whose facts hold on no day.
with people as (
    select
        person_key,
        bool_or(is_resolved) as is_resolved
    from {{ ref('int_actors_matched') }}
    where person_key is not null
    group by person_key
),

spans as (
    select * from {{ ref('int_person_spans_resolved') }}
)

select
    coalesce(spans.person_span_key, {{ surrogate_key(['people.person_key', "'no span'"]) }}) as person_span_key,
    people.person_key,
    spans.valid_from_date,
    spans.valid_to_date,
    spans.valid_from_basis,
    spans.role_key,
    spans.team_key,
    spans.manager_person_key,
    spans.place,
    spans.zone,
    spans.employment_type,
    {{ hours('spans.contracted_week_us') }} as contracted_week_hours,
    people.is_resolved,
    spans.valid_to_date is null
        or row_number() over (partition by people.person_key order by spans.valid_from_date desc nulls last) = 1 as is_latest
from people
left join spans
    on people.person_key = spans.person_key
