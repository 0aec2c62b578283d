"""Importing Great Expectations without what its statistics need: the longest fixed wait of a small refresh."""

from __future__ import annotations

import importlib.util
import logging
import os
import sys
from typing import Any

# Distribution tests alone use it, none of our rules do, and it is a third of the import (7.0 → 4.8 s, 2 cores).
UNUSED = "scipy.stats"


def import_great_expectations() -> Any:
    """The package, analytics off. Safe to call again, and from a thread that warms up while something else runs."""
    os.environ["GX_ANALYTICS_ENABLED"] = "false"
    _import_on_first_use(UNUSED)
    import great_expectations

    # It tells of temporary folders at level INFO, and dbt's logging would print that.
    logging.getLogger("great_expectations.data_context.types.base").setLevel(logging.WARNING)
    return great_expectations


def _import_on_first_use(name: str) -> None:
    """Put a module in place that imports itself when somebody reads from it (the standard library's lazy import)."""
    if name in sys.modules:
        return
    spec = importlib.util.find_spec(name)
    if spec is None or spec.loader is None:
        return
    spec.loader = importlib.util.LazyLoader(spec.loader)
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    parent, _, child = name.rpartition(".")
    setattr(sys.modules[parent], child, module)
