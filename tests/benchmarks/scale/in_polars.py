"""What somebody would write in Polars over the same files: lazy, streamed where Polars can. As floor.sql, and no more."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

US = pl.col("duration_us")


def write(files: dict[str, list[Path]], holidays: Path, as_of: date, target: Path) -> None:
    """Write the fact and the marts as Parquet into ``target``."""
    persons = _persons(files["people"])
    entries = pl.scan_parquet(files["time_entries"], missing_columns="insert").select(
        "source",
        "source_record_id",
        pl.col("person_email").alias("person"),
        pl.col("project_code").alias("project"),
        pl.col("activity_name").alias("kind"),
        "work_date",
        "duration_us",
        "is_billable",
    )
    activities = entries.sort("work_date").join_asof(
        persons.select("person", "team", "first_date").sort("first_date"),
        left_on="work_date",
        right_on="first_date",
        by="person",
        check_sortedness=False,  # just sorted; by person it cannot be checked
    )
    activities.sink_parquet(target / "activities.parquet")
    fact = pl.scan_parquet(target / "activities.parquet").with_columns(week=pl.col("work_date").dt.truncate("1w"))
    capacity = _capacity(persons, files["absences"], holidays, fact, as_of)
    for owner in ("person", "team"):
        _utilisation(fact, capacity, owner).sink_parquet(target / f"utilisation_{owner}_week.parquet")
    pl.concat(
        [
            capacity.select("team", "week", "effective_us", pl.lit(None, pl.Int64).alias("counted_us")),
            fact.select("team", "week", pl.lit(None, pl.Int64).alias("effective_us"), US.alias("counted_us")),
        ]
    ).group_by("team", "week").sum().sink_parquet(target / "capacity_team_week.parquet")
    _completion(files["tasks"]).sink_parquet(target / "completion_project_week.parquet")


def _persons(files: list[Path]) -> pl.LazyFrame:
    ends = pl.col("valid_from_date").shift(-1).over("person_email", order_by="valid_from_date") - pl.duration(days=1)
    return pl.scan_parquet(files).select(
        pl.col("person_email").alias("person"),
        pl.col("valid_from_date").alias("first_date"),
        ends.fill_null(date(9999, 12, 31)).alias("last_date"),
        pl.col("team_name").alias("team"),
        "place",
        "contracted_week_us",
    )


def _capacity(
    persons: pl.LazyFrame, absences: list[Path], holidays: Path, fact: pl.LazyFrame, as_of: date
) -> pl.LazyFrame:
    first = fact.select(pl.col("work_date").min().dt.truncate("1mo")).collect().item()
    days = pl.LazyFrame({"day": pl.date_range(first, as_of, eager=True)}).with_columns(
        week=pl.col("day").dt.truncate("1w")
    )
    off = pl.scan_parquet(holidays).select("place", pl.col("holiday_date").alias("day")).with_columns(is_off=True)
    away = (
        pl.scan_parquet(absences)
        .select(pl.col("person_email").alias("person"), pl.col("start_date").alias("day"))
        .unique()
        .with_columns(is_away=True)
    )
    is_worked = (pl.col("day").dt.weekday() <= 5) & pl.col("is_off").is_null()
    daily = pl.col("contracted_week_us") // 5
    return (
        persons.join(days, how="cross")
        .filter(pl.col("day").is_between("first_date", "last_date"))
        .join(off, on=["place", "day"], how="left")
        .join(away, on=["person", "day"], how="left")
        .select(
            "person",
            "team",
            "day",
            "week",
            pl.when(is_worked).then(daily).otherwise(0).alias("contracted_us"),
            pl.when(is_worked & pl.col("is_away").is_null()).then(daily).otherwise(0).alias("effective_us"),
        )
    )


def _utilisation(fact: pl.LazyFrame, capacity: pl.LazyFrame, owner: str) -> pl.LazyFrame:
    logged = fact.group_by(owner, "week").agg(
        US.sum().alias("counted_us"), US.filter(pl.col("is_billable")).sum().alias("billable_us")
    )
    available = capacity.group_by(owner, "week").agg(pl.col("contracted_us", "effective_us").sum())
    ratio = pl.when(pl.col("effective_us") > 0).then(pl.col("counted_us") / pl.col("effective_us"))
    return available.join(logged, on=[owner, "week"], how="full", coalesce=True, nulls_equal=True).with_columns(
        utilisation_ratio=ratio
    )


def _completion(files: list[Path]) -> pl.LazyFrame:
    is_on_time = pl.col("completed_at").dt.date() <= pl.col("first_due_date")
    return (
        pl.scan_parquet(files)
        .group_by(pl.col("project_code").alias("project"), pl.col("first_due_date").dt.truncate("1w").alias("week"))
        .agg(pl.len().alias("due_tasks"), is_on_time.sum().alias("on_time_tasks"))
    )
