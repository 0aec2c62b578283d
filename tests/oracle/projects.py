"""Which project a row means, and what its list says of it.

Definitions: int_projects_matched, dim_projects. A project is called by its code, else by its
source and name; organisations never have two of one name in a source.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from tests.oracle.organisation import Organisation, Row
from tests.oracle.records import holding, resolve
from tests.oracle.texts import plain


@dataclass
class Projects:
    """The project lists of an organisation."""

    by_record: dict[tuple[str, str], str] = field(default_factory=dict)
    by_name: dict[tuple[str, str], set[str]] = field(default_factory=dict)
    billable: dict[str, bool | None] = field(default_factory=dict)
    crosswalk: tuple[Row, ...] = ()

    def match(self, source: str, row: Row) -> str | None:
        """By code, crosswalk, record of the own source's list, name in it; else one of its own. None where none is named."""
        code, name, record = (
            plain(row.get("project_code")),
            plain(row.get("project_name")),
            row.get("project_source_id"),
        )
        if code:
            return code
        for line in self.crosswalk:
            if line["source"] == source and (
                (line.get("project_source_id") is not None and line["project_source_id"] == record)
                or (line.get("project_name") is not None and plain(line["project_name"]) == name)
            ):
                return plain(line["maps_to_code"])
        if record is not None:
            return self.by_record.get((source, record)) or named(source, name)
        if name:
            found = self.by_name.get((source, name), set())
            return next(iter(found)) if len(found) == 1 else named(source, name)
        return None

    def is_billable(self, project: str | None) -> bool | None:
        """What the list says; None where none says."""
        return self.billable.get(project or "")


def named(source: str, name: str | None) -> str:
    """A project without a code: by its source and name, which is unknown where the source writes an id only."""
    return f"{source.lower()}/{name or '?'}"


def projects_of(organisation: Organisation) -> Projects:
    """Read the project lists of an organisation."""
    projects = Projects(crosswalk=organisation.rows_of("projects_crosswalk"))
    for version in holding(resolve(organisation.of_stream("projects"), lambda source, row: None)):
        row: dict[str, Any] = dict(version.row)
        source, record = version.record
        project = plain(row.get("project_code")) or named(source, plain(row.get("project_name")))
        projects.by_record[source, record] = project
        if plain(row.get("project_name")):
            projects.by_name.setdefault((source, str(plain(row["project_name"]))), set()).add(project)
        if row.get("is_billable") is not None:
            projects.billable[project] = row["is_billable"]
    return projects
