"""The smallest organisation that still fails: parts are taken away, many attempts at once as tenants of one build."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from tests.oracle.compare import Difference
from tests.oracle.organisation import Organisation, Pack, Policy
from tests.oracle.packs import pack_of

#: A place in an organisation: a row of a delivery, or a row of a reference table.
Atom = tuple[str, int, int]
#: Builds a pack and tells the differences by tenant.
Trial = Callable[[Pack], dict[str, list[Difference]]]
ATTEMPTS = 60


def shrink(organisation: Organisation, policy: Policy, trial: Trial, rounds: int = 12) -> Organisation:
    """Take away rows and deliveries as long as the same column of the same table goes on to differ.

    Raises ValueError where the organisation alone does not fail.
    """
    told = next(iter(trial(pack_of([organisation], policy)).values()), None)
    if told is None:
        raise ValueError("the organisation alone agrees with the oracle: the failure lies between tenants")
    symptom = told[0].table, told[0].column
    size = max(len(atoms(organisation)) // 2, 1)
    for _ in range(rounds):
        attempts = list(_attempts(organisation, size))[:ATTEMPTS]
        found = trial(pack_of(attempts, policy)) if attempts else {}
        failing = [
            attempt
            for number, attempt in enumerate(attempts, start=1)
            if any((item.table, item.column) == symptom for item in found.get(f"T{number:03}", []))
        ]
        if failing:
            organisation = min(failing, key=lambda attempt: (attempt.row_count, len(atoms(attempt))))
            size = min(size, max(len(atoms(organisation)) // 2, 1))
        elif size == 1:
            break
        else:
            size = max(size // 3, 1)
    return organisation


def atoms(organisation: Organisation) -> list[Atom]:
    """Everything that can be taken away."""
    rows = [
        ("delivery", number, position)
        for number, delivery in enumerate(organisation.deliveries)
        for position in range(len(delivery.rows))
    ]
    lines = [(name, 0, position) for name, table in organisation.reference.items() for position in range(len(table))]
    return rows + lines


def without(organisation: Organisation, gone: set[Atom]) -> Organisation:
    """The organisation less some rows; an export that lost every row of its own still says what it does not hold."""
    return replace(
        organisation,
        deliveries=tuple(
            replace(
                delivery,
                rows=tuple(
                    row for position, row in enumerate(delivery.rows) if ("delivery", number, position) not in gone
                ),
            )
            for number, delivery in enumerate(organisation.deliveries)
        ),
        reference={
            name: tuple(row for position, row in enumerate(table) if (name, 0, position) not in gone)
            for name, table in organisation.reference.items()
        },
    )


def _attempts(organisation: Organisation, size: int) -> Iterator[Organisation]:
    """Without whole streams, single deliveries, and runs of rows of that size."""
    for stream in sorted({delivery.stream for delivery in organisation.deliveries}):
        yield replace(organisation, deliveries=tuple(item for item in organisation.deliveries if item.stream != stream))
    for number in range(len(organisation.deliveries)):
        yield replace(organisation, deliveries=organisation.deliveries[:number] + organisation.deliveries[number + 1 :])
    whole = atoms(organisation)
    for start in range(0, len(whole), size):
        yield without(organisation, set(whole[start : start + size]))


def described(organisation: Organisation) -> str:
    """What is left, in words that can be pasted into a test."""
    lines = [f"{name}: {dict(row)}" for name, table in organisation.reference.items() for row in table]
    lines += [f"sources: {dict(row)}" for row in organisation.sources if row.get("zone")]
    for item in organisation.deliveries:
        coverage = f" {item.coverage[0]} to {item.coverage[1]}" if item.coverage else ""
        complete = "" if item.is_complete else ", incomplete"
        lines.append(
            f"{item.source} {item.stream} {item.mode}{coverage} at {item.extracted_at:%Y-%m-%d %H:%M}{complete}"
        )
        lines += [f"    { {key: value for key, value in row.items() if value is not None} }" for row in item.rows]
    return "\n".join(lines)
