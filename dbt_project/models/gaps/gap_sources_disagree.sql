-- Weeks of a person for which two sources state another time: of the days on which policy lets one count and the other give way, the sums
-- differ by more than its tolerance and by more than differing_percent of the greater. Only days on which both log are compared, and days of a
-- week together, so that an evening booked on the next morning is no difference. Whether the one that counts is the one to trust is for
-- people to say. Sources that both count are in gap_competing_sources; time of a period lies on no day and is not compared.
with thresholds as (
    {{ thresholds('sources_disagree', ['differing_percent'], by_source=true) }}
),

source_days as (
    select
        person_key,
        work_date,
        source,
        is_counted,
        sum(duration_us) as logged_us
    from {{ ref('fct_activities') }}
    where (is_counted or not_counted_reason = 'other_source_has_authority')
        and work_date is not null
        and duration_us > 0
    group by person_key, work_date, source, is_counted
),

counted_days as (
    select
        person_key,
        work_date,
        sum(logged_us) as logged_us
    from source_days
    where is_counted
    group by person_key, work_date
),

weeks as (
    select
        other.person_key,
        other.source,
        dates.week_start_date,
        min(other.work_date) as start_date,
        max(other.work_date) as end_date,
        count(*) as day_count,
        sum(other.logged_us) as other_us,
        sum(counted_days.logged_us) as counted_us
    from source_days as other
    inner join counted_days
        on other.person_key = counted_days.person_key
        and other.work_date = counted_days.work_date
    inner join {{ ref('dim_dates') }} as dates
        on other.work_date = dates.calendar_date
    where not other.is_counted
    group by other.person_key, other.source, dates.week_start_date
)

select
    {{ gap_columns(
        rule='sources_disagree', severity="'warns'", scope='person',
        key_parts=['weeks.person_key', 'weeks.source', 'weeks.week_start_date'],
        source='weeks.source', person_key='weeks.person_key', start_date='weeks.start_date', end_date='weeks.end_date',
        hours_at_stake=hours('abs(weeks.counted_us - weeks.other_us)'),
        owner="'contributor'",
        detail="weeks.source || ' has ' || round(" ~ hours('weeks.other_us') ~ ", 1) || ' hours, where '
            || round(" ~ hours('weeks.counted_us') ~ ", 1) || ' count on the same '
            || case when weeks.day_count = 1 then 'day' else weeks.day_count || ' days' end",
        remedy="'Correct the source that is wrong; if the other one holds only part of the time by design, accept the gap.'"
    ) }}
from weeks
cross join {{ source('workspace', 'policy') }} as policy
inner join thresholds
    on weeks.source = thresholds.source
where abs(weeks.counted_us - weeks.other_us) > policy.reconciliation_tolerance_us
    and abs(weeks.counted_us - weeks.other_us) * 100 > thresholds.differing_percent * greatest(weeks.counted_us, weeks.other_us)
