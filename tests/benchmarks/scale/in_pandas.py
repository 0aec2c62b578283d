"""What somebody would write in pandas over the same files, all of it in memory. As floor.sql, and no more."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any


def write(files: dict[str, list[Path]], holidays: Path, as_of: date, target: Path) -> None:
    """Write the fact and the marts as Parquet into ``target``."""
    import pandas as pd

    def read(stream: str, columns: list[str]) -> Any:
        read_one = [pd.read_parquet(file, columns=columns, dtype_backend="pyarrow") for file in files[stream]]
        return pd.concat(read_one, ignore_index=True)

    def as_days(frame: Any, *columns: str) -> Any:
        return frame.assign(**{name: pd.to_datetime(frame[name]) for name in columns})

    def week(days: Any) -> Any:
        return days - pd.to_timedelta(days.dt.weekday, unit="D")

    persons = as_days(
        read("people", ["person_email", "valid_from_date", "team_name", "place", "contracted_week_us"]),
        "valid_from_date",
    ).sort_values("valid_from_date")
    following = persons.groupby("person_email")["valid_from_date"].shift(-1)
    persons["last_date"] = (following - pd.Timedelta(days=1)).fillna(pd.Timestamp("2262-01-01"))
    entries = as_days(
        read(
            "time_entries",
            [
                "source",
                "source_record_id",
                "person_email",
                "project_code",
                "activity_name",
                "work_date",
                "duration_us",
                "is_billable",
            ],
        ),
        "work_date",
    ).sort_values("work_date")
    fact = pd.merge_asof(
        entries,
        persons[["person_email", "valid_from_date", "team_name"]],
        left_on="work_date",
        right_on="valid_from_date",
        by="person_email",
    ).rename(
        columns={"person_email": "person", "team_name": "team", "project_code": "project", "activity_name": "kind"}
    )
    fact = fact.drop(columns="valid_from_date")
    fact.to_parquet(target / "activities.parquet")
    fact["week"] = week(fact["work_date"])

    days = pd.DataFrame({"day": pd.date_range(fact["work_date"].min().replace(day=1), pd.Timestamp(as_of))})
    capacity = persons.merge(days, how="cross")
    capacity = capacity[capacity["day"].between(capacity["valid_from_date"], capacity["last_date"])]
    off = as_days(pd.read_parquet(holidays, dtype_backend="pyarrow"), "holiday_date").rename(
        columns={"holiday_date": "day"}
    )
    away = as_days(read("absences", ["person_email", "start_date"]), "start_date").drop_duplicates()
    capacity = capacity.merge(off.assign(is_off=True), on=["place", "day"], how="left")
    capacity = capacity.merge(
        away.rename(columns={"start_date": "day"}).assign(is_away=True), on=["person_email", "day"], how="left"
    )
    is_worked = (capacity["day"].dt.weekday < 5) & capacity["is_off"].isna()
    daily = capacity["contracted_week_us"] // 5
    capacity["contracted_us"] = daily.where(is_worked, 0)
    capacity["effective_us"] = daily.where(is_worked & capacity["is_away"].isna(), 0)
    capacity["week"] = week(capacity["day"])
    capacity = capacity.rename(columns={"person_email": "person", "team_name": "team"})

    fact["billable_us"] = fact["duration_us"].where(fact["is_billable"], 0)
    for owner in ("person", "team"):
        logged = fact.groupby([owner, "week"], as_index=False)[["duration_us", "billable_us"]].sum()
        logged = logged.rename(columns={"duration_us": "counted_us"})
        available = capacity.groupby([owner, "week"], as_index=False)[["contracted_us", "effective_us"]].sum()
        used = available.merge(logged, on=[owner, "week"], how="outer")
        used["utilisation_ratio"] = used["counted_us"] / used["effective_us"].where(used["effective_us"] > 0)
        used.to_parquet(target / f"utilisation_{owner}_week.parquet")
    both = pd.concat(
        [
            capacity[["team", "week", "effective_us"]],
            fact[["team", "week", "duration_us"]].rename(columns={"duration_us": "counted_us"}),
        ]
    )
    both.groupby(["team", "week"], as_index=False).sum().to_parquet(target / "capacity_team_week.parquet")

    tasks = as_days(read("tasks", ["project_code", "first_due_date", "completed_at"]), "first_due_date")
    finished = pd.to_datetime(tasks["completed_at"], utc=True).dt.tz_localize(None).dt.normalize()
    tasks["on_time_tasks"] = (finished <= tasks["first_due_date"]).astype("int64")
    tasks["week"] = week(tasks["first_due_date"])
    completion = tasks.groupby(["project_code", "week"], as_index=False).agg(
        due_tasks=("on_time_tasks", "size"), on_time_tasks=("on_time_tasks", "sum")
    )
    completion.to_parquet(target / "completion_project_week.parquet")
