-- Periods of which no team holds the whole: on some of their days the person is in another team than on the first, or in none. Nobody
-- knows on which of the days the hours were worked, so they are of none of the teams.
with periods as (
    select person_key, period_start_date, period_end_date
    from {{ ref('fct_activities') }}
    where is_counted and work_date is null
    group by person_key, period_start_date, period_end_date
),

team_days as (
    select
        periods.person_key,
        periods.period_start_date,
        periods.period_end_date,
        spans.team_key,
        {{ days_between(
            'greatest(periods.period_start_date, spans.valid_from_date)',
            "least(periods.period_end_date, coalesce(spans.valid_to_date, date '9999-12-31'))"
        ) }} + 1 as day_count
    from periods
    inner join {{ ref('int_person_spans_resolved') }} as spans
        on periods.person_key = spans.person_key
        and spans.valid_from_date <= periods.period_end_date
        and coalesce(spans.valid_to_date, date '9999-12-31') >= periods.period_start_date
    where spans.team_key is not null
)

select
    person_key,
    period_start_date,
    period_end_date
from team_days
group by person_key, period_start_date, period_end_date
having min(team_key) <> max(team_key)
    or sum(day_count) <= {{ days_between('period_start_date', 'period_end_date') }}
