"""What a workspace looks like now: the current version, the deliveries with their accounting, the gaps."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from orchestration.intake import what_counts
from orchestration.workspace import Workspace

US_PER_HOUR = 3_600_000_000


@dataclass(frozen=True)
class DeliveryStatus:
    """A delivery and one stream it fed. Hours are NULL for streams that hold no durations, ``stream`` is None for a file that
    was rejected whole; ``problem`` says why.
    """

    file: str
    source: str
    format: str | None
    stream: str | None
    rows_read: int
    rows_loaded: int
    rows_merged: int
    rows_quarantined: int
    rows_filtered: int
    hours_read: float | None
    hours_loaded: float | None
    problem: str | None

    @property
    def accounting_closes(self) -> bool:
        """The law: every row read is loaded, merged, quarantined or filtered."""
        accounted = self.rows_loaded + self.rows_merged + self.rows_quarantined + self.rows_filtered
        return self.rows_read == accounted

    def as_row(self) -> tuple[Any, ...]:
        return (
            self.source,
            self.file,
            self.stream or "rejected",
            self.rows_read,
            self.rows_loaded,
            self.rows_merged,
            self.rows_quarantined,
            self.rows_filtered,
            self.hours_read,
            self.hours_loaded,
        )


@dataclass(frozen=True)
class Status:
    """The whole state that ``workledger status`` shows."""

    workspace: str
    version: str | None
    published_at: str | None
    as_of: str | None
    hold: str | None
    deliveries: tuple[DeliveryStatus, ...]
    problems: tuple[str, ...]
    gaps: tuple[dict[str, Any], ...]

    def as_json(self) -> dict[str, Any]:
        state = asdict(self)
        for delivery, plain in zip(self.deliveries, state["deliveries"], strict=True):
            plain["accounting_closes"] = delivery.accounting_closes
        return state


def read_status(workspace: Workspace) -> Status:
    """The state now: deliveries and problems from the ledger, version and gaps from what is published."""
    from orchestration.publication.hold import read_hold
    from orchestration.publication.manifest import read_manifest
    from orchestration.publication.versions import current_version, version_folder

    version = current_version(workspace.published)
    manifest = (
        read_manifest(version_folder(workspace.published, version) / "manifest.json") if version is not None else None
    )
    hold = read_hold(workspace.published)
    counting = what_counts(workspace)
    return Status(
        workspace=str(workspace.root),
        version=version,
        published_at=manifest.published_at if manifest else None,
        as_of=manifest.as_of if manifest else None,
        hold=f"since {hold.set_at}: {hold.reason}" if hold else None,
        deliveries=(
            *(_delivery(row) for row in counting.delivery_streams),
            *(_rejected(row) for row in counting.problems if row["rule"] == "delivery_rejected"),
        ),
        problems=tuple(_said(row) for row in counting.problems),
        gaps=tuple(
            {
                "rule": gap.rule,
                "severity": gap.severity,
                "gaps": gap.gaps,
                "hours_at_stake": gap.hours,
                "accepted": gap.accepted,
            }
            for gap in (manifest.known_gaps if manifest else ())
        ),
    )


def _delivery(row: dict[str, Any]) -> DeliveryStatus:
    return DeliveryStatus(
        file=row["file_name"],
        source=row["source"],
        format=row["format"],
        stream=row["stream"],
        rows_read=row["rows_read"],
        rows_loaded=row["rows_loaded"],
        rows_merged=row["rows_merged"],
        rows_quarantined=row["rows_quarantined"],
        rows_filtered=row["rows_filtered"],
        hours_read=_hours(row["us_read"]),
        hours_loaded=_hours(row["us_loaded"]),
        problem=None,
    )


def _rejected(row: dict[str, Any]) -> DeliveryStatus:
    """A file of which no row could be read."""
    return DeliveryStatus(row["file_name"], row["source"], None, None, 0, 0, 0, 0, 0, None, None, _with_remedy(row))


def _said(row: dict[str, Any]) -> str:
    place = f"{row['source']}: {row['file_name']}" if row["file_name"] else row["source"]
    return f"{place}: {_with_remedy(row)}"


def _with_remedy(row: dict[str, Any]) -> str:
    return f"{str(row['detail']).rstrip('.')}. {row['remedy'] or ''}".strip()


def _hours(microseconds: int | None) -> float | None:
    return None if microseconds is None else microseconds / US_PER_HOUR
