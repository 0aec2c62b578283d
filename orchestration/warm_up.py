"""Import what checks will need while the exports are still being read: on two cores that time is otherwise lost."""

from __future__ import annotations

from functools import cache
from threading import Thread


@cache
def warm_up() -> Thread:
    """Start importing Great Expectations in the background, once a process. Whoever needs it waits for the import.

    An import that fails is told where it is needed, by the import there.
    """
    thread = Thread(target=_import, name="warm-up", daemon=True)
    thread.start()
    return thread


def _import() -> None:
    from orchestration.checks.gx_import import import_great_expectations

    import_great_expectations()
