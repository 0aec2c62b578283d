-- Counted hours of a known person on days that no employment fact covers: before the first, after the last, or in a gap between two.
with uncovered as (
    select
        activities.person_key,
        coalesce(activities.work_date, activities.period_start_date) as placed_date,
        activities.duration_us
    from {{ ref('fct_activities') }} as activities
    where activities.is_counted
        and activities.person_span_key is null
),

known as (
    select
        person_key,
        valid_from_date
    from {{ ref('dim_persons') }}
    where is_resolved
),

located as (
    select
        uncovered.person_key,
        uncovered.placed_date,
        uncovered.duration_us,
        count(known.valid_from_date) filter (where known.valid_from_date <= uncovered.placed_date) as spans_before
    from (
        select person_key, placed_date, sum(duration_us) as duration_us
        from uncovered
        group by person_key, placed_date
    ) as uncovered
    inner join known
        on uncovered.person_key = known.person_key
    group by uncovered.person_key, uncovered.placed_date, uncovered.duration_us
),

regions as (
    select
        person_key,
        spans_before,
        min(placed_date) as start_date,
        max(placed_date) as end_date,
        count(*) as day_count,
        {{ hours('sum(duration_us)') }} as hours_at_stake
    from located
    group by person_key, spans_before
)

select
    {{ gap_columns(
        rule='activity_outside_employment', severity="'warns'", scope='person',
        key_parts=['person_key', 'spans_before'],
        person_key='person_key', start_date='start_date', end_date='end_date', hours_at_stake='hours_at_stake',
        owner="'people data'",
        detail="day_count || case when spans_before = 0 then ' days of work before the first employment fact' else ' days of work after the fact that held before them had ended' end",
        remedy="'Correct the dates in the roster, or the entry.'"
    ) }}
from regions
