"""All attacks: each module registers its own."""

from __future__ import annotations

from tests.attacks import on_files, on_periods, on_teams, on_versions
from tests.attacks.registry import ATTACKS, Outcome, run_all

__all__ = ["ATTACKS", "Outcome", "on_files", "on_periods", "on_teams", "on_versions", "run_all"]
