"""The typed settings of a workspace: what ``workledger.yaml`` may say."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from connectors.nearest import did_you_mean
from data_contracts.errors import WorkledgerError
from orchestration.gap_thresholds import thresholds_of
from orchestration.yaml_file import KeyPath, YamlFile

Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
WEEKDAYS: tuple[Weekday, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{name!r} is not an IANA time zone such as Europe/Berlin") from None
    return name


def _valid_pattern(pattern: str) -> str:
    try:
        groups = re.compile(pattern).groupindex
    except re.error as error:
        raise ValueError(f"{pattern!r} is not a regular expression: {error}") from None
    known = {"coverage_from", "coverage_to", "extracted_at"}
    if unknown := set(groups) - known:
        raise ValueError(f"unknown group {sorted(unknown)[0]!r}; known are {', '.join(sorted(known))}")
    return pattern


def _inside_workspace(pattern: str) -> str:
    path = Path(pattern)
    if not path.parts:
        raise ValueError("an empty pattern matches no file; write one such as inbox/toggl/*.csv")
    if any("**" in part and part != "**" for part in path.parts):
        raise ValueError(f"{pattern!r} has ** beside other letters; between slashes it stands alone: inbox/**/*.csv")
    if path.is_absolute() or ".." in path.parts:
        raise ValueError(f"{pattern!r} leads out of the workspace; copy or link the files into inbox/")
    return pattern


def _variable_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name):
        raise ValueError("name the environment variable that holds the address: the address itself is a secret")
    return name


Zone = Annotated[str, AfterValidator(_known_zone)]
Variable = Annotated[str, AfterValidator(_variable_name)]
Pattern = Annotated[str, AfterValidator(_valid_pattern)]
Glob = Annotated[str, AfterValidator(_inside_workspace)]


def _off_is_a_word(value: object) -> object:
    """YAML takes a bare ``off`` for no."""
    return "off" if value is False else value


Severity = Annotated[Literal["blocks", "warns", "off"], BeforeValidator(_off_is_a_word)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class SourceSettings(_Strict):
    """One place where exports of one kind arrive."""

    format: str | None = Field(None, description="Format of the exports; recognised by their headers if left out.")
    files: list[Glob] = Field([], description="Where they lie: globs relative to the workspace.")
    database: Variable | None = Field(
        None, description="Instead of files: the environment variable with the address of a database that is asked."
    )
    lookback_days: int | None = Field(
        None, ge=0, description="How long before the last change it told of a database is asked again, in days (3)."
    )
    zone: Zone | None = Field(None, description="Zone of local times in the exports; the workspace's if left out.")
    mode: Literal["changes", "window", "full"] = Field(
        "changes", description="What absence means: nothing, deleted within the declared window, or deleted."
    )
    file_name: Pattern | None = Field(
        None,
        description="Pattern of file names with groups coverage_from, coverage_to (dates, inclusive), extracted_at.",
    )
    rhythm: Literal["hourly", "daily", "weekly", "monthly"] | None = Field(
        None, description="How often an export is expected."
    )
    owner: str | None = Field(None, description="Who is asked when something is missing.")
    options: dict[str, str] = Field(default_factory=dict, description="Values the format asks for, such as currency.")

    @model_validator(mode="after")
    def _one_place(self) -> SourceSettings:
        if bool(self.files) == (self.database is not None):
            raise ValueError('a source has either files, as in ["inbox/toggl/*.csv"], or a database')
        if self.database is not None and (self.format is None or self.file_name is not None):
            raise ValueError("a database needs a format, whose query is asked, and has no file_name")
        if self.lookback_days is not None and self.database is None:
            raise ValueError("lookback_days is how far back a database is asked; files are read whole")
        return self

    @model_validator(mode="after")
    def _window_is_declared(self) -> SourceSettings:
        # A format that is named may read the coverage from the export itself.
        if self.mode == "window" and self.format is None and "coverage_from" not in (self.file_name or ""):
            raise ValueError(
                "mode window needs a declared coverage: give file_name with groups coverage_from and coverage_to"
            )
        return self


class AuthorityRule(_Strict):
    """Which source owns people's time: the lowest priority wins where two claim the same person and day."""

    source: str
    priority: int = 1
    valid_from_date: date | None = None
    valid_to_date: date | None = None


class GapRule(_Strict):
    """What gaps of a rule mean here, of one source or team or of all: of several lines the first that fits a gap holds."""

    rule: str
    source: str | None = None
    team: str | None = None
    severity: Severity | None = Field(
        None, description="Whether they stop publication; off are listed among the accepted ones and count nowhere."
    )
    owner: str | None = Field(None, description="Who is to do something about them.")
    minimum_hours: float | None = Field(None, gt=0, description="Gaps with fewer hours at stake are off.")
    thresholds: dict[str, Annotated[float, Field(ge=0)]] = Field({}, description="Limits inside the rule, by name.")

    @model_validator(mode="after")
    def _thresholds_are_known(self) -> GapRule:
        known = thresholds_of(self.plain_rule)
        for name in self.thresholds:
            if name not in known:
                has = f"it has {', '.join(known)}" if known else "it has none"
                raise ValueError(f"{self.plain_rule} has no threshold {name!r}: {has}")
            if self.team is not None or (self.source is not None and not known[name].by_source):
                scope = "a source or for all" if known[name].by_source else "all"
                raise ValueError(
                    f"{name} of {self.plain_rule} holds for {scope}; minimum_hours goes by source and team"
                )
        return self

    @property
    def plain_rule(self) -> str:
        """The rule without the prefix of its model."""
        return self.rule.removeprefix("gap_")


class CheckRule(_Strict):
    """What a check means here."""

    severity: Severity
    reason: str = Field("", description="Why; published with a check that is off.")


def _severity_alone(value: object) -> object:
    """A word instead of a mapping: severity without a reason."""
    return value if isinstance(value, dict | CheckRule) else {"severity": value}


class Policy(_Strict):
    """Decisions that only the organisation can take."""

    week_starts_on: Literal["monday", "sunday", "saturday"] = "monday"
    working_weekdays: list[Weekday] = list(WEEKDAYS[:5])
    smallest_group_size: int = Field(5, ge=1, description="Fewest people of whom managers see a figure.")
    manager_lead_working_days: int = Field(
        5, ge=0, description="Working days after a period in which only its contributors see it."
    )
    manager_restatement: Literal["monthly", "quarterly", "never"] = Field(
        "monthly", description="How often released figures may be restated, where enough people changed."
    )
    unlogged_grace_days: int = Field(3, ge=0)
    weekly_due_working_day: int = Field(
        2, ge=1, description="Working day of the next week by which a weekly export is due."
    )
    monthly_due_working_day: int = Field(
        5, ge=1, description="Working day of the next month by which a monthly export is due."
    )
    reconciliation_tolerance_minutes: int = Field(1, ge=0)
    authority: list[AuthorityRule] = []
    checks: dict[str, Annotated[CheckRule, BeforeValidator(_severity_alone)]] = Field(
        default_factory=dict, description="Severity of a check by its rule id, or severity and reason."
    )
    audiences: dict[str, Literal["finance", "directory", "service"]] = Field(
        default_factory=dict,
        description="Published tables for fewer people: in another file, or for the service alone.",
    )
    gaps: list[GapRule] = Field([], description="Severity, owner, smallest size and limits of gaps by rule and scope.")
    check_minutes: int = Field(60, ge=1, description="Minutes after which a check that is still running has failed.")
    keep_versions: int = Field(30, ge=2, description="Published versions that stay whatever their age.")
    keep_days: int | None = Field(None, ge=0, description="Versions younger than this stay whatever their number.")
    keep_deliveries_days: int | None = Field(
        None, ge=1, description="Days after which the bytes of an export go; the rows that were made of them stay."
    )
    keep_runs: int = Field(100, ge=1, description="Runs whose logs and check results stay.")


class Schedule(_Strict):
    """Local hours of working days in which the schedule refreshes, once an hour."""

    from_hour: int = Field(6, ge=0, le=23)
    to_hour: int = Field(20, ge=0, le=23)


class Machine(_Strict):
    """What a refresh may use; chosen from the machine where nothing is said."""

    threads: int | None = Field(None, ge=1, description="Threads; all cores but one, where there are more than two.")
    memory: str | None = Field(
        None, pattern=r"^[1-9]\d*(\.\d+)? ?[KMG]i?B$", description="Memory, as in 4GB; four fifths of the machine's."
    )
    temp_folder: str | None = Field(
        None, min_length=1, description="Where tables go that do not fit into memory; beside what is built."
    )


class Settings(_Strict):
    """All of ``workledger.yaml``."""

    organisation: str = "My organisation"
    zone: Zone = "UTC"
    sources: dict[str, SourceSettings] = {}
    policy: Policy = Policy()
    schedule: Schedule = Schedule()
    machine: Machine = Machine()

    @model_validator(mode="after")
    def _names_are_plain(self) -> Settings:
        for name in self.sources:
            if not re.fullmatch(r"[a-z][a-z0-9_]{0,62}", name):
                raise ValueError(f"source name {name!r} must be lower_snake_case")
        for rule in self.policy.authority:
            if rule.source not in self.sources:
                raise ValueError(f"policy.authority names {rule.source!r}, which is no source")
        for line in self.policy.gaps:
            if line.source is not None and line.source not in self.sources:
                raise ValueError(f"policy.gaps names {line.source!r}, which is no source")
        return self


def load_settings(path: Path) -> Settings:
    """Read and check ``workledger.yaml``.

    Raises WorkledgerError naming file, line and key; for an unknown key, the nearest known one.
    """
    document = YamlFile(path)
    data = {} if document.data is None else document.data
    if not isinstance(data, dict):
        raise WorkledgerError("The file is not a mapping of settings", where=str(path))
    if data.get("sources") is None:
        data["sources"] = {}
    try:
        return Settings.model_validate(data)
    except ValidationError as error:
        raise _explain(error, document) from None


def _explain(error: ValidationError, document: YamlFile) -> WorkledgerError:
    # A misspelt key also leaves its field missing: the misspelling is what to say.
    first = min(error.errors(), key=lambda found: found["type"] != "extra_forbidden")
    at: KeyPath = first["loc"]
    where = document.where(at)
    if first["type"] == "extra_forbidden":
        hint = did_you_mean(str(at[-1]), _model_at(at[:-1]).model_fields)
        return WorkledgerError(f"The key {at[-1]!r} is not known", where=where, remedy=hint)
    message = first["msg"].removeprefix("Value error, ")
    return WorkledgerError(f"A setting is not valid: {message}", where=where)


def _model_at(at: KeyPath) -> type[BaseModel]:
    model: Any = Settings
    for part in at:
        if model is Settings and part == "sources":
            return SourceSettings
        if model is Policy and part == "authority":
            return AuthorityRule
        if model is Policy and part == "gaps":
            return GapRule
        if model is Policy and part == "checks":
            return CheckRule
        field = model.model_fields.get(str(part))
        model = field.annotation if field is not None else model
    return model if isinstance(model, type) and issubclass(model, BaseModel) else Settings
