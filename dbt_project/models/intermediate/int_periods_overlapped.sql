-- Counted hours of periods beside the weeks and months that cannot hold them: a month's sheet overlaps five weeks and is in none of them,
-- so of none of these weeks the hours are known. No team has those of a period whose days no team holds whole.
with periods as (
    select
        person_key,
        period_start_date,
        period_end_date,
        sum(duration_us) as counted_us
    from {{ ref('fct_activities') }}
    where is_counted and work_date is null
    group by person_key, period_start_date, period_end_date
),

buckets as (
    {% for bucket in ['week', 'month'] -%}
    select
        '{{ bucket }}' as bucket_kind,
        {{ bucket }}_start_date as bucket_start_date,
        {{ bucket }}_end_date as bucket_end_date
    from {{ ref('dim_dates') }}
    group by {{ bucket }}_start_date, {{ bucket }}_end_date
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

overlapped as (
    select
        periods.person_key,
        buckets.bucket_kind,
        buckets.bucket_start_date,
        periods.counted_us,
        periods.period_start_date < buckets.bucket_start_date or periods.period_end_date > buckets.bucket_end_date as is_cut,
        divided.person_key is not null as is_divided
    from periods
    inner join buckets
        on periods.period_start_date <= buckets.bucket_end_date
        and periods.period_end_date >= buckets.bucket_start_date
    left join {{ ref('int_team_periods_divided') }} as divided
        on periods.person_key = divided.person_key
        and periods.period_start_date = divided.period_start_date
        and periods.period_end_date = divided.period_end_date
)

select
    person_key,
    bucket_kind,
    bucket_start_date,
    cast(coalesce(sum(counted_us) filter (where is_cut), 0) as bigint) as cut_us,
    cast(coalesce(sum(counted_us), 0) as bigint) as cut_or_divided_us
from overlapped
where is_cut or is_divided
group by person_key, bucket_kind, bucket_start_date
