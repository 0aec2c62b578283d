"""Mutants of what is current, and of when: versions, tombstones, absence, dates."""

from __future__ import annotations

from tests.mutants.mutant import Mutant

_CURRENT = "macros/current_records.sql"
_DATED = "models/intermediate/int_activities_dated.sql"
_ZONES = "models/intermediate/int_person_zones_held.sql"

RECORDS = (
    Mutant("a tombstone is ignored", _CURRENT, "when ranked.is_deleted then", "when false then"),
    Mutant(
        "the oldest delivery holds",
        _CURRENT,
        "source_modified_at desc nulls last, identified.delivery_order desc",
        "source_modified_at desc nulls last, identified.delivery_order asc",
    ),
    Mutant(
        "the source's own moment of change is ignored",
        _CURRENT,
        "order by identified.source_modified_at desc nulls last, ",
        "order by ",
    ),
    Mutant(
        "a version without a moment of change comes last of all",
        _CURRENT,
        "identified.source_modified_at desc nulls last",
        "identified.source_modified_at desc nulls first",
    ),
    Mutant("of two rows of one file the first holds", _CURRENT, "identified._row desc", "identified._row asc"),
    Mutant(
        "an incomplete full export deletes",
        _CURRENT,
        "where mode = 'full' and is_complete",
        "where mode = 'full'",
    ),
    Mutant(
        "an incomplete window deletes",
        _CURRENT,
        "where deliveries.mode = 'window' and deliveries.is_complete",
        "where deliveries.mode = 'window'",
    ),
    Mutant(
        "a full export never deletes",
        _CURRENT,
        "when coalesce(full_coverage.covered_order, 0) >",
        "when 0 * coalesce(full_coverage.covered_order, 0) >",
    ),
    Mutant(
        "a window never deletes",
        _CURRENT,
        "when coalesce(window_coverage.covered_order, 0) >",
        "when 0 * coalesce(window_coverage.covered_order, 0) >",
    ),
    Mutant(
        "a full export deletes what it brings",
        _CURRENT,
        "when coalesce(full_coverage.covered_order, 0) > ranked",
        "when coalesce(full_coverage.covered_order, 0) >= ranked",
    ),
    Mutant(
        "a window ends a day early",
        _CURRENT,
        "between deliveries.coverage_from and deliveries.coverage_to",
        "between deliveries.coverage_from and deliveries.coverage_to - 1",
    ),
    Mutant(
        "an export in another format deletes",
        _CURRENT,
        "coalesce(delivery_streams.format, '') as delivery_format",
        "'' as delivery_format",
    ),
    Mutant(
        "a record was last seen when it was first seen",
        _CURRENT,
        "max(delivery_order) as last_seen_order",
        "min(delivery_order) as last_seen_order",
    ),
    Mutant(
        "deliveries in the order of their names",
        _CURRENT,
        "order by delivery_streams.extracted_at, delivery_streams.sha256, delivery_streams.delivery_id",
        "order by delivery_streams.delivery_id",
    ),
    Mutant(
        "of two exports of one moment the hash does not decide",
        _CURRENT,
        "delivery_streams.extracted_at, delivery_streams.sha256, delivery_streams",
        "delivery_streams.extracted_at, delivery_streams.sha256 desc, delivery_streams",
    ),
    Mutant(
        "a picture of a roster vanishes",
        _CURRENT,
        "when ranked.record_history is not null then 'current'",
        "when false then 'current'",
    ),
    Mutant(
        "a period lies in no window",
        "macros/record_dates.sql",
        "'source_zone') }}, period_start_date)",
        "'source_zone') }})",
    ),
    Mutant(
        "a roster without dates is a record like any other",
        "macros/record_dates.sql",
        "when valid_from_basis = 'observed' or valid_from_date is null",
        "when false",
    ),
    Mutant(
        "the written offset goes west",
        "macros/dates.sql",
        "{{ instant }}) + {{ offset_minutes }} *",
        "{{ instant }}) - {{ offset_minutes }} *",
    ),
    Mutant(
        "a lent account changes hands at midnight in Greenwich",
        _DATED,
        "{{ local_date('activities.started_at', 'coalesce(zones.source_zone, policy.default_zone)') }}",
        "cast(activities.started_at as date)",
    ),
    Mutant(
        "a period that ends before it begins is a date",
        _DATED,
        "when period_start_date <= period_end_date then 'period'",
        "when period_start_date is not null then 'period'",
    ),
    Mutant(
        "a lent account that leads to nobody is the one before's",
        "models/intermediate/int_actors_lent.sql",
        "and intervals.from_date between lent.first_date and lent.last_date",
        "and intervals.from_date between lent.first_date and lent.last_date and lent.person_key is not null",
    ),
    Mutant(
        "an instant is dated in UTC",
        _DATED,
        "then coalesce(days.local_date, {{ local_date('zone_dated.dating_instant', 'zone_dated.dating_zone') }})",
        "then {{ local_date('zone_dated.dating_instant', \"'UTC'\") }}",
    ),
    Mutant(
        "the offset goes before the person's zone",
        _DATED,
        "when dating_instant is not null and person_zone is not null then",
        "when dating_instant is not null and person_zone is not null and utc_offset_minutes is null then",
    ),
    Mutant(
        "the source's zone goes before the offset",
        _DATED,
        "utc_offset_minutes is not null then 'offset'",
        "utc_offset_minutes is not null and source_zone is null then 'offset'",
    ),
    Mutant(
        "an entry belongs to the day on which it ends",
        _DATED,
        "coalesce(seen.started_at, seen.ended_at) end",
        "coalesce(seen.ended_at, seen.started_at) end",
    ),
    Mutant(
        "nobody's zone is not the policy's",
        _DATED,
        "when dating_instant is not null and default_zone is not null then",
        "when false then",
    ),
    Mutant(
        "the zone of today",
        _DATED,
        "        and attributed.dating_instant < person_zones.end_instant",
        "        and person_zones.end_instant > timestamp with time zone '9999-12-30 00:00:00+00'",
    ),
    Mutant(
        "a night is of the day on which it starts",
        _DATED,
        "            when ended_at > second_day_at then 2\n            else 1\n",
        "            else 1\n",
    ),
    Mutant(
        "an entry that ends at midnight reaches the day after",
        _DATED,
        "when ended_at > second_day_at then 2",
        "when ended_at >= second_day_at then 2",
    ),
    Mutant(
        "a night has no third day",
        _DATED,
        "            when ended_at > third_day_at then 3\n",
        "",
    ),
    Mutant(
        "a timer of more than a day is a shift",
        _DATED,
        "{{ add_minutes('zone_dated.started_at', 24 * 60) }}",
        "{{ add_minutes('zone_dated.started_at', 25 * 60) }}",
    ),
    Mutant(
        "a night's hours count twice",
        _DATED,
        "        when parted.days_reached = 1 then parted.duration_us\n",
        "        when true then parted.duration_us\n",
    ),
    Mutant(
        "the second day of a night is the first",
        _DATED,
        "'day_parts.day_part - 1'",
        "0",
    ),
    Mutant(
        "an instant that is looked up is of the day before",
        "models/intermediate/int_utc_days_dated.sql",
        "{{ add_days('calendar_date', 1) }} as local_date",
        "calendar_date as local_date",
    ),
    Mutant(
        "an instant is of both local dates that its date in UTC meets",
        _DATED,
        "        and zone_dated.dating_instant < days.end_instant\n",
        "",
    ),
    Mutant(
        "the day in UTC ends with the local day that begins in it",
        "models/intermediate/int_utc_days_dated.sql",
        "select zone, last_utc_date as utc_date, local_date, first_instant, end_instant",
        "select zone, last_utc_date as utc_date, {{ add_days('local_date', 1) }} as local_date, first_instant, end_instant",
    ),
    Mutant(
        "midnight is that of UTC",
        _DATED,
        "then case when zone_dated.date_basis = 'offset' then 'UTC' else zone_dated.dating_zone end",
        "then case when zone_dated.date_basis is not null then 'UTC' end",
    ),
    Mutant(
        "the offset moves midnight the wrong way",
        _DATED,
        "'-dated.utc_offset_minutes'",
        "'dated.utc_offset_minutes'",
    ),
    Mutant(
        "a zone holds from the day after",
        _ZONES,
        "{{ first_instant('valid_from_date', 'zone') }}",
        "{{ first_instant(add_days('valid_from_date', 1), 'zone') }}",
    ),
    Mutant(
        "a zone holds to the day before its last",
        _ZONES,
        "{{ first_instant(add_days('valid_to_date', 1), 'zone') }}",
        "{{ first_instant('valid_to_date', 'zone') }}",
    ),
    Mutant(
        "around a move both zones stand",
        _ZONES,
        "rows between unbounded preceding and 1 preceding",
        "rows between unbounded preceding and 2 preceding",
    ),
    Mutant(
        "a period of one day is no day",
        _DATED,
        "when period_start_date = period_end_date then 'stated'",
        "when false then 'stated'",
    ),
)
