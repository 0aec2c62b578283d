"""The lazy import keeps what it promises: faster, and still whole for whoever needs the statistics."""

from __future__ import annotations

import subprocess
import sys

CODE = """
import sys
from orchestration.checks.gx_import import import_great_expectations
gx = import_great_expectations()
assert gx is import_great_expectations()
assert "scipy.stats._stats_py" not in sys.modules, "the statistics were imported after all"
from scipy import stats
assert round(float(stats.norm.cdf(0)), 3) == 0.5
assert "scipy.stats._stats_py" in sys.modules
"""


def test_statistics_are_imported_on_first_use_only() -> None:
    done = subprocess.run([sys.executable, "-c", CODE], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
