-- What is missing or doubtful about a person's week, before a manager sees it. Weeks without a gap have no row.
{% set counted_rules = ['over_24_hours', 'overlapping_entries', 'competing_sources', 'unknown_capacity', 'activity_outside_employment', 'unmatched_people'] %}
with weeks as (
    select
        week_start_date,
        week_end_date
    from {{ ref('dim_dates') }}
    where week_start_date <= {{ as_of_date() }}
    group by week_start_date, week_end_date
),

gaps as (
    select
        weeks.week_start_date,
        weeks.week_end_date,
        gaps.*
    from {{ ref('fct_gaps') }} as gaps
    inner join weeks
        on gaps.start_date <= weeks.week_end_date
        and coalesce(gaps.end_date, gaps.start_date) >= weeks.week_start_date
    where gaps.person_key is not null
        and not gaps.is_accepted
),

-- A gap of unlogged days names first and last day; the hours of this week are those of its own days.
unlogged as (
    select
        gaps.person_key,
        gaps.week_start_date,
        count(*) as unlogged_day_count,
        sum(capacity.effective_us) as unlogged_us
    from gaps
    inner join {{ ref('fct_capacity_days') }} as capacity
        on gaps.person_key = capacity.person_key
        and capacity.capacity_date between gaps.start_date and gaps.end_date
        and capacity.capacity_date between gaps.week_start_date and gaps.week_end_date
        and capacity.effective_us > 0
    where gaps.rule = 'unlogged_days'
    group by gaps.person_key, gaps.week_start_date
),

by_week as (
    select
        week_start_date,
        week_end_date,
        person_key,
        count(*) as gap_count,
        count(*) filter (where severity = 'blocks') as blocking_gap_count,
        {% for rule in counted_rules %}
        count(*) filter (where rule = '{{ rule }}') as {{ rule }}_gap_count,
        {% endfor %}
        count(*) filter (where rule not in ('unlogged_days'{% for rule in counted_rules %}, '{{ rule }}'{% endfor %})) as other_gap_count
    from gaps
    group by week_start_date, week_end_date, person_key
)

select
    by_week.week_start_date,
    by_week.week_end_date,
    by_week.person_key,
    by_week.gap_count,
    by_week.blocking_gap_count,
    coalesce(unlogged.unlogged_day_count, 0) as unlogged_day_count,
    {{ hours('coalesce(unlogged.unlogged_us, 0)') }} as unlogged_hours,
    {% for rule in counted_rules %}
    by_week.{{ rule }}_gap_count,
    {% endfor %}
    by_week.other_gap_count
from by_week
left join unlogged
    on by_week.person_key = unlogged.person_key
    and by_week.week_start_date = unlogged.week_start_date
