"""The list of attacks: each says how many things it tried and what got through."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from tests.attacks.organisation import Attacked


@dataclass(frozen=True)
class Outcome:
    """What one attack tried and what got through, which should be nothing."""

    attack: str
    tried: int
    got_through: tuple[str, ...]


Found = tuple[int, list[str]]
ATTACKS: dict[str, Callable[[Attacked], Found]] = {}


def attack(function: Callable[[Attacked], Found]) -> Callable[[Attacked], Found]:
    """Register an attack under its name in words."""
    ATTACKS[function.__name__.replace("_", " ")] = function
    return function


def run_all(attacked: Attacked) -> list[Outcome]:
    """Every attack in order."""
    return [Outcome(name, tried, tuple(found)) for name, run in ATTACKS.items() for tried, found in [run(attacked)]]
