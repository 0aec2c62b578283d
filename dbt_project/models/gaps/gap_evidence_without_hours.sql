-- Weeks in which other tools show more of a person's time than was logged: meetings, calls, tickets, entries of a source that gave way.
-- Only weeks that lie past the policy's grace, and none that a longer period's hours touch: how much of those lies in the week, nobody
-- knows. What lies on a day of leave is no work that was forgotten.
with short_weeks as (
    select
        weeks.person_key,
        weeks.week_start_date,
        weeks.week_end_date,
        weeks.counted_us,
        weeks.evidence_us - weeks.leave_us as evidence_us
    from {{ captured_weeks() }} as weeks
    where weeks.evidence_us - weeks.leave_us > weeks.counted_us
        and not weeks.is_partly_counted
        and weeks.week_end_date <= {{ settled_date() }}
)

select
    {{ gap_columns(
        rule='evidence_without_hours', severity="'warns'", scope='person',
        key_parts=['person_key', 'week_start_date'],
        person_key='person_key', start_date='week_start_date', end_date='week_end_date',
        hours_at_stake=hours('evidence_us - counted_us'),
        owner="'contributor'",
        detail="round(" ~ hours('evidence_us') ~ ", 2) || ' hours of meetings, calls and other evidence against ' || round(" ~ hours('counted_us') ~ ", 2) || ' counted hours'",
        remedy="'Log the time, or correct the calendar: what was not attended is no evidence.'"
    ) }}
from short_weeks
