"""What a version is a function of, as one hash: if it is the same, there is nothing new."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from pathlib import Path

from orchestration.annotations import shared_annotations
from orchestration.closes import read_closes
from orchestration.code_version import hash_files
from orchestration.erasure.records import read_erasures
from orchestration.gap_history import spells_mark
from orchestration.intake import Counting
from orchestration.key_salt import key_salt
from orchestration.releases import read_releases
from orchestration.workspace import Workspace


def fingerprint(workspace: Workspace, counting: Counting, as_of: date, code: str) -> str:
    """Hash over deliveries, problems, settings, formats, reference files, what was decided and said, salt, code and day."""
    parts = {
        "deliveries": sorted(
            (row["delivery_id"], row["stream"], row["format_version"] or "", row["extracted_at"])
            for row in counting.delivery_streams
        ),
        "problems": sorted((row["source"], row["rule"], row["file_name"] or "") for row in counting.problems),
        "workspace": hash_files(_own_files(workspace)),
        "closes": sorted((close.month, close.sha256) for close in read_closes(workspace)),
        "releases": sorted((release.sequence, *release.sha256.values()) for release in read_releases(workspace)),
        "annotations": sorted((number, said.text) for number, said in shared_annotations(workspace).items()),
        "erasures": len(read_erasures(workspace)),
        "gap_spells": spells_mark(workspace),
        "key_salt": key_salt(workspace.key_salt),
        "as_of": as_of.isoformat(),
        "code": code,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


def input_hashes(workspace: Workspace) -> dict[str, str]:
    """A hash of each file that people write, by its POSIX path in the workspace."""
    return {path.relative_to(workspace.root).as_posix(): hash_files([path]) for path in _own_files(workspace)}


def _own_files(workspace: Workspace) -> list[Path]:
    return [workspace.config, *workspace.formats.glob("*.y*ml"), *workspace.reference.glob("*.csv")]
