-- How much of what other tools saw of a person's week was logged.
with captured_weeks as (
    select * from {{ captured_weeks() }}
),

gaps as (
    select
        weeks.person_key,
        weeks.week_start_date,
        count(*) as gap_count,
        count(*) filter (where gaps.severity = 'blocks') as blocking_gap_count
    from captured_weeks as weeks
    inner join {{ person_gaps() }} as gaps
        on weeks.person_key = gaps.person_key
        and gaps.start_date <= weeks.week_end_date
        and coalesce(gaps.end_date, gaps.start_date) >= weeks.week_start_date
    group by weeks.person_key, weeks.week_start_date
)

select
    weeks.week_start_date,
    weeks.week_end_date,
    weeks.person_key,
    weeks.interaction_count,
    weeks.overruled_entry_count,
    weeks.unmeasured_count,
    {{ hours('weeks.evidence_us') }} as evidence_hours,
    {{ hours('weeks.leave_us') }} as evidence_hours_on_leave,
    weeks.unlogged_days as unlogged_evidence_days,
    {{ hours('weeks.unlogged_us') }} as unlogged_evidence_hours,
    {{ hours('weeks.counted_us') }} as counted_hours,
    weeks.is_partly_counted,
    case
        when weeks.evidence_us is null or weeks.is_partly_counted then null
        else {{ hours('greatest(weeks.evidence_us - weeks.leave_us - weeks.counted_us, 0)') }}
    end as capture_gap_hours,
    coalesce(gaps.gap_count, 0) as gap_count,
    coalesce(gaps.blocking_gap_count, 0) as blocking_gap_count,
    weeks.week_end_date <= {{ settled_date() }}
        and not weeks.is_partly_counted
        and coalesce(gaps.gap_count, 0) = 0 as is_complete
from captured_weeks as weeks
left join gaps
    on weeks.person_key = gaps.person_key
    and weeks.week_start_date = gaps.week_start_date
