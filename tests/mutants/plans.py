"""Mutants of bookings, and of the marts that hold them against capacity."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_SPREAD = "models/intermediate/int_allocations_spread.sql"
_CAPACITY = "macros/capacity.sql"

PLANS = (
    Mutant(
        "a cancelled booking is booked",
        _SPREAD,
        "where allocations.booking_status <> 'cancelled' and",
        "where",
    ),
    Mutant(
        "a booking lies on days off",
        _SPREAD,
        "    from candidate_days\n    where is_working\n",
        "    from candidate_days\n",
    ),
    Mutant(
        "a booking lies on holidays",
        _SPREAD,
        "coalesce(capacity_days.is_working_day, calendar_days.is_policy_weekday)",
        "coalesce(capacity_days.is_working_day, calendar_days.is_policy_weekday) or coalesce(capacity_days.is_holiday, false)",
    ),
    Mutant(
        "a week that a booking cuts is shared over what is left",
        _SPREAD,
        "count(*) over (partition by allocation_key, week_start_date) as week_days",
        "count(*) over (partition by allocation_key, week_start_date, is_booked) as week_days",
    ),
    Mutant(
        "a total is shared over whole weeks",
        _SPREAD,
        "count(*) over (partition by allocation_key, is_booked) as booking_days",
        "count(*) over (partition by allocation_key) as booking_days",
    ),
    Mutant("a booking fills its whole weeks", _SPREAD, "\nwhere is_booked", ""),
    Mutant(
        "a share of an unknown day is 0",
        _SPREAD,
        "cast(round(contracted_us * allocation_ratio) as bigint)",
        "cast(round(coalesce(contracted_us, 0) * allocation_ratio) as bigint)",
    ),
    Mutant("the remainder of a booking is lost", "macros/shares.sql", "then 1 else 0 end", "then 0 else 0 end"),
    Mutant(
        "a total beyond the calendar is shared over what the calendar has",
        _SPREAD,
        "        bookings.allocation_basis <> 'total'\n",
        "        true\n",
    ),
    Mutant(
        "the booked person's team of the last day",
        "macros/weeks.sql",
        "and {{ day }} between {{ span }}.valid_from_date and coalesce(",
        "and {{ day }} <= coalesce(",
    ),
    Mutant(
        "a span ends a day early",
        "macros/weeks.sql",
        "coalesce({{ span }}.valid_to_date, date '9999-12-31')",
        "coalesce({{ span }}.valid_to_date - 1, date '9999-12-31')",
    ),
    Mutant(
        "a tentative booking is confirmed",
        _CAPACITY,
        "sum(allocated_us) filter (where booking_status = 'confirmed') as confirmed_us",
        "sum(allocated_us) as confirmed_us",
    ),
    Mutant(
        "bookings of people without capacity are lost",
        _CAPACITY,
        "full outer join booked_weeks",
        "left join booked_weeks",
    ),
    Mutant(
        "bookings without capacity are in the ratio",
        _CAPACITY,
        "sum(confirmed_us) filter (where effective_us is not null) as allocated_with_capacity_us",
        "sum(confirmed_us) as allocated_with_capacity_us",
    ),
    Mutant(
        "booked for an unknown time is 0",
        _CAPACITY,
        "case when {{ added(key, 'sized_' ~ status) }} > 0 or {{ added(key, 'unsized_' ~ status) }} = 0"
        " then {{ added(key, hours) }} end",
        "{{ added(key, hours) }}",
    ),
    Mutant(
        "a day that is just full is over-allocated",
        _CAPACITY,
        "filter (where confirmed_us > effective_us) as over_allocated_days",
        "filter (where confirmed_us >= effective_us) as over_allocated_days",
    ),
    Mutant(
        "a week that is just full is over-allocated",
        _CAPACITY,
        "else coalesce(planned.allocated_with_capacity_us, 0) > planned.effective_us",
        "else coalesce(planned.allocated_with_capacity_us, 0) >= planned.effective_us",
    ),
    Mutant(
        "a person is over-allocated by the days in the team",
        _CAPACITY,
        "sum(allocated_with_capacity_us) > sum(effective_us)",
        "max(allocated_with_capacity_us) > max(effective_us)",
    ),
    Mutant(
        "a period across weeks is worked in its first",
        _CAPACITY,
        "        and {{ week_start('activities.period_start_date', 'policy.week_starts_on') }}\n"
        "        = {{ week_start('activities.period_end_date', 'policy.week_starts_on') }}\n",
        "",
    ),
    Mutant(
        "a team works all of a period that it shares",
        _CAPACITY,
        "        and divided.person_key is null\n",
        "",
    ),
    Mutant(
        "what does not count is actual",
        _CAPACITY,
        "    where activities.is_counted\n        and activities.work_date is null\n",
        "    where activities.work_date is null\n",
    ),
    Mutant("placeholders are persons", _CAPACITY, "    where days.is_placeholder\n", ""),
    Mutant(
        "the variance of an unsized booking",
        _CAPACITY,
        "<= {{ as_of_date() }} and coalesce(planned.unsized_confirmed, 0) = 0",
        "<= {{ as_of_date() }}",
    ),
    Mutant(
        "a week is over on its last day",
        _CAPACITY,
        "< {{ as_of_date() }} as is_week_over",
        "<= {{ as_of_date() }} as is_week_over",
    ),
    Mutant(
        "nobody works in weeks to come",
        _CAPACITY,
        "case when owner_weeks.week_start_date <= {{ as_of_date() }} then {{ hours('coalesce(actual.counted_us, 0)') }} end",
        "{{ hours('coalesce(actual.counted_us, 0)') }}",
    ),
    Mutant(
        "a week of unknown days has a complete plan",
        _CAPACITY,
        "    and coalesce(planned.person_days_without_capacity, 0) = 0\n",
        "",
    ),
)
