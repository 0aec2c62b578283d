-- From which instant until before which a zone dates what a person does: the local dates of a span of employment facts, as instants, so that
-- whoever has an instant need not try its local date in each zone. Somebody's first morning in Auckland is still the day before in UTC.
-- Around a move two zones may give a date on which they held; the earlier stands.
with spans as (
    select
        person_key,
        zone,
        valid_from_date,
        {{ first_instant('valid_from_date', 'zone') }} as first_instant,
        case
            when valid_to_date < date '9999-12-31' then {{ first_instant(add_days('valid_to_date', 1), 'zone') }}
            else timestamp with time zone '9999-12-31 00:00:00+00'
        end as end_instant
    from {{ ref('int_person_spans_resolved') }}
    where zone is not null
),

in_turn as (
    select
        person_key,
        zone,
        greatest(
            first_instant,
            coalesce(
                max(end_instant) over (
                    partition by person_key order by valid_from_date rows between unbounded preceding and 1 preceding
                ),
                first_instant
            )
        ) as from_instant,
        end_instant
    from spans
)

select person_key, zone, from_instant, end_instant
from in_turn
where from_instant < end_instant
