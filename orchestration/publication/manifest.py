"""What a version says about itself: what went in, what the checks said, what is known to be missing."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from data_contracts.errors import WorkledgerError
from orchestration.checks.gaps import KnownGap
from orchestration.checks.gate import Verdict
from orchestration.checks.results import CheckResult


@dataclass(frozen=True)
class DeliveryIn:
    """One delivery that went into a version. Never its file's name, which may be a person's: the ledger knows it by the id."""

    delivery_id: str
    source: str
    rows: int


@dataclass(frozen=True)
class CheckSummary:
    """What the gate made of one check: ``passed``, ``failed``, ``errored``, ``skipped`` or ``waived``."""

    rule: str
    table: str
    severity: str
    status: str
    rows_failed: int | None = None
    observed: str = ""
    owner: str = ""
    waiver: str = ""


@dataclass(frozen=True)
class Manifest:
    """A version's own account. Times are UTC ISO text, ``as_of`` an ISO date, ``seconds_by_phase`` wall
    seconds. ``columns_by_table`` is what readers were promised: column to type. ``sha256_by_file`` is hexadecimal, by path in the
    version's folder; publication fills it in, once the files are as they stay. ``releases`` to managers that it shows, with the
    day each was made for. ``closes`` are the closed months that it stands on, ``key_salt`` a hash of the salt of its keys.
    ``erasures`` that took somebody out of its files afterwards, by number. ``inputs`` are hashes of the files that people write
    in the workspace (settings, formats, reference), by their path in it.
    """

    version: str
    run_id: str
    as_of: str
    published_at: str
    started_from: str | None
    fingerprint: str
    code_version: str
    contract_versions: Mapping[str, str] = field(default_factory=dict)
    deliveries: tuple[DeliveryIn, ...] = ()
    checks: tuple[CheckSummary, ...] = ()
    known_gaps: tuple[KnownGap, ...] = ()
    rows_by_table: Mapping[str, int] = field(default_factory=dict)
    seconds_by_phase: Mapping[str, float] = field(default_factory=dict)
    columns_by_table: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    sha256_by_file: Mapping[str, str] = field(default_factory=dict)
    releases: Mapping[str, str] = field(default_factory=dict)
    closes: tuple[str, ...] = ()
    key_salt: str = ""
    erasures: tuple[int, ...] = ()
    inputs: Mapping[str, str] = field(default_factory=dict)

    @property
    def delivery_ids(self) -> frozenset[str]:
        """Ids of all deliveries that went in."""
        return frozenset(delivery.delivery_id for delivery in self.deliveries)


def summarise(verdict: Verdict) -> tuple[CheckSummary, ...]:
    """Every check of a verdict, by rule: passed, warnings, blocking, unasked and waived."""
    heard = _unique([*verdict.blocked_by, *verdict.warnings, *verdict.passed, *verdict.unexpected])
    waived = [
        CheckSummary(check.rule, check.table, check.severity, "waived", owner=check.owner, waiver=check.waiver or "")
        for check in verdict.waived
    ]
    return tuple(sorted([*map(_summary, heard), *waived], key=lambda check: (check.rule, check.status)))


def to_json(manifest: Manifest) -> str:
    """The manifest as indented JSON with sorted keys."""
    return json.dumps(asdict(manifest), indent=1, sort_keys=True, ensure_ascii=False) + "\n"


def read_manifest(path: Path) -> Manifest:
    """Read a version's manifest. Raises WorkledgerError where it is missing or not one of ours."""
    try:
        return from_json(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise WorkledgerError(
            "The version has no readable manifest",
            where=str(path),
            remedy="Publish again, or roll back to another version.",
        ) from error


def from_json(text: str) -> Manifest:
    """The manifest that ``to_json`` wrote."""
    entry: dict[str, Any] = json.loads(text)
    return Manifest(
        **{
            **entry,
            "deliveries": tuple(map(_delivery_in, entry["deliveries"])),
            "checks": tuple(CheckSummary(**check) for check in entry["checks"]),
            "known_gaps": tuple(KnownGap(**gap) for gap in entry["known_gaps"]),
            "closes": tuple(entry.get("closes", ())),
            "erasures": tuple(entry.get("erasures", ())),
        }
    )


def _delivery_in(entry: Mapping[str, Any]) -> DeliveryIn:
    """Manifests of before name files."""
    return DeliveryIn(**{name: value for name, value in entry.items() if name != "file_name"})


def _unique(results: Sequence[CheckResult]) -> Iterable[CheckResult]:
    seen: set[tuple[str, str, str]] = set()
    for result in results:
        key = (result.rule, result.run_id, result.status)
        if key not in seen:
            seen.add(key)
            yield result


def _summary(result: CheckResult) -> CheckSummary:
    return CheckSummary(
        result.rule,
        result.table,
        result.severity,
        result.status,
        result.rows_failed,
        result.observed,
        result.owner,
    )
