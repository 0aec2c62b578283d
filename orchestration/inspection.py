"""Look at a workspace's sources without running anything."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from connectors.deliveries import identify, scan
from connectors.format_spec import load_formats
from connectors.nearest import did_you_mean
from connectors.recognise import recognise
from connectors.sources import Source
from data_contracts.errors import WorkledgerError
from orchestration.intake import sources_of, store_of
from orchestration.workspace import Workspace


@dataclass(frozen=True)
class SourceStatus:
    """A source as `workledger check` shows it. ``format`` is declared, or that of its first file."""

    name: str
    format: str | None
    mode: str
    zone: str | None
    files: int
    problem: str | None

    def as_row(self) -> tuple[Any, ...]:
        return (self.name, self.format, self.mode, self.zone, self.files)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def require_known_checks(workspace: Workspace) -> None:
    """Raises WorkledgerError where policy names a check or table that does not exist: better now than after the build."""
    from data_contracts.load import load_streams
    from orchestration.checks.expected import expected_checks, gap_nodes
    from orchestration.models import load_manifest_json
    from orchestration.publication.audiences import require_movable

    policy = workspace.settings.policy
    if policy.checks:
        expected_checks(load_streams(), load_manifest_json(), policy.checks)
    if policy.audiences:
        require_movable(policy.audiences, load_manifest_json())
    if policy.gaps:
        known = {node["name"].removeprefix("gap_") for node in gap_nodes(load_manifest_json())}
        for line in policy.gaps:
            if (rule := line.plain_rule) not in known:
                raise WorkledgerError(
                    f"Policy names gaps of rule {line.rule!r}, and there is no such rule",
                    where="workledger.yaml, policy.gaps",
                    remedy=did_you_mean(rule, known),
                )


def inspect_sources(workspace: Workspace) -> list[SourceStatus]:
    """Each source with its files counted and its first file recognised; what is wrong is said, not raised."""
    formats = load_formats(store_of(workspace).formats)
    return [_inspect(source, formats) for source in sources_of(workspace)]


def _inspect(source: Source, formats: Any) -> SourceStatus:
    from datetime import UTC, datetime

    files = list(scan(source))
    name, problem = source.format, None
    try:
        for found in files:
            identify(source, found.relative, datetime.now(UTC), "")
        if files:
            name = recognise(files[0].path, formats, source.format).name
        elif source.format is not None and source.format not in formats:
            raise WorkledgerError(f"There is no format {source.format!r}", remedy=did_you_mean(source.format, formats))
    except WorkledgerError as error:
        place = f"{source.name}: {files[0].relative}" if files else source.name
        problem = f"{place}: {error}"
    if not files and problem is None and source.database is None:
        problem = f"{source.name}: no file matches {', '.join(source.files)}"
    return SourceStatus(source.name, name, source.mode, source.zone, len(files), problem)
