"""The local date that an instant is looked up by is the one that the calendar of its zone gives, in every zone there is."""

from __future__ import annotations

from datetime import date

from tests.warehouse.warehouse_build import Warehouse

#: With changes at midnight, by half an hour, in Ramadan, twice a year and never, at either end of the day.
ZONES = (
    "Africa/Cairo",
    "Africa/Casablanca",
    "America/Asuncion",
    "America/Havana",
    "America/Nuuk",
    "America/Santiago",
    "America/St_Johns",
    "Antarctica/Troll",
    "Asia/Beirut",
    "Asia/Gaza",
    "Asia/Kathmandu",
    "Asia/Tehran",
    "Atlantic/Azores",
    "Australia/Lord_Howe",
    "Europe/Berlin",
    "Europe/London",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kiritimati",
    "Pacific/Pago_Pago",
)
LOOKED_UP = """
    with instants as (
        select days.zone, unnest([
            days.first_instant, days.first_instant - interval 1 microsecond,
            days.end_instant, days.end_instant - interval 1 microsecond,
            days.first_instant + to_seconds(cast(hash(days.zone, days.utc_date) % 86400 as bigint))
        ]) as instant
        from state.intermediate.int_utc_days_dated as days
    )
    select instants.zone, instants.instant, days.local_date, cast(timezone(instants.zone, instants.instant) as date) as asked_date
    from instants
    left join state.intermediate.int_utc_days_dated as days
        on instants.zone = days.zone and cast(timezone('UTC', instants.instant) as date) = days.utc_date
        and instants.instant >= days.first_instant and instants.instant < days.end_instant"""


def test_looking_up_and_asking_give_the_same_date(warehouse: Warehouse) -> None:
    for number, zone in enumerate(ZONES):
        warehouse.source(f"source {number}", zone=zone)
    warehouse.build("+int_utc_days_dated")
    wrong = warehouse.rows(f"from ({LOOKED_UP}) where local_date <> asked_date limit 5")
    assert wrong == []
    # Not looked up are the days on which clocks change, and the ends of the calendar: a handful a year.
    asked_for = warehouse.rows(
        f"select zone, count(*) filter (where local_date is null) / count(*) as share from ({LOOKED_UP}) group by zone"
    )
    assert len(asked_for) == len(ZONES) + 1  # UTC as well
    assert all(row["share"] < 0.02 for row in asked_for), asked_for


def test_an_instant_far_from_today_is_asked_for(warehouse: Warehouse) -> None:
    warehouse.source("timer", zone="Asia/Tokyo")
    warehouse.deliver(
        "timer",
        "time_entries",
        [
            {
                "source_record_id": year,
                "date_precision": "instant",
                "started_at": f"{year}-01-05 23:30:00+00",
                "duration_us": 1,
            }
            for year in ("1999", "2026")
        ],
    )
    warehouse.build("+fct_activities")
    dated = warehouse.rows("select source_record_id, work_date from analyst.core.fct_activities order by all")
    assert [row["work_date"] for row in dated] == [date(1999, 1, 6), date(2026, 1, 6)]
