-- Two sources that both count on the same days of the same person: policy names no authority between them, so hours may be there twice.
with person_days as (
    select
        person_key,
        work_date,
        source,
        sum(duration_us) as counted_us
    from {{ ref('fct_activities') }}
    where is_counted and work_date is not null and duration_us > 0
    group by person_key, work_date, source
),

pairs as (
    select
        a_days.person_key,
        a_days.source as source_a,
        b_days.source as source_b,
        min(a_days.work_date) as start_date,
        max(a_days.work_date) as end_date,
        count(*) as day_count,
        sum(least(a_days.counted_us, b_days.counted_us)) as doubtful_us
    from person_days as a_days
    inner join person_days as b_days
        on a_days.person_key = b_days.person_key
        and a_days.work_date = b_days.work_date
        and a_days.source < b_days.source
    group by a_days.person_key, a_days.source, b_days.source
)

select
    {{ gap_columns(
        rule='competing_sources', severity="'warns'", scope='person',
        key_parts=['person_key', 'source_a', 'source_b'],
        source='source_a', person_key='person_key', start_date='start_date', end_date='end_date', hours_at_stake=hours('doubtful_us'),
        owner="'policy'",
        detail="source_a || ' and ' || source_b || ' both count on ' || day_count || ' days'",
        remedy="'Name the authority for time in workledger.yaml, or leave it if the two never hold the same hour.'"
    ) }}
from pairs
