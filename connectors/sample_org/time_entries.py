"""Logged work: who, when, how long, on what. Arrays, one element an entry; tools' spellings come later."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt

from connectors.sample_org import teams as t
from connectors.sample_org.calendars import Absence, Days, absent_ratio
from connectors.sample_org.names import NOTES
from connectors.sample_org.organisation import Organisation
from connectors.sample_org.plan import Month, Plan
from connectors.sample_org.projects import Portfolio

Ints = npt.NDArray[np.int64]
DAY_SECONDS = 86_400
SOURCES = (
    "toggl_de",
    "toggl_gb",
    "toggl_us",
    "toggl_in",
    "clockify",
    "harvest",
    "jira",
    "redmine",
    "scripts",
)
GRAIN = {"harvest": 36, "jira": 300, "redmine": 900, "scripts": 180}
"""Seconds the tool rounds to; trackers with a timer round by habit of the person."""


@dataclass
class Entries:
    """``day`` index and ``start`` seconds are local to the person's place; ``seconds`` is elapsed time;
    ``tag`` marks planted rows.
    """

    person: Ints
    day: Ints
    start: Ints
    seconds: Ints
    project: Ints
    activity: Ints
    note: Ints
    billable: npt.NDArray[np.bool_]
    tag: Ints

    def __len__(self) -> int:
        return len(self.person)

    def take(self, which: npt.NDArray[np.bool_] | Ints) -> Entries:
        return Entries(*(getattr(self, f.name)[which] for f in fields(self)))

    def sorted_by_start(self) -> Entries:
        return self.take(np.lexsort((self.person, self.start, self.day)))


def join(parts: list[Entries]) -> Entries:
    return Entries(*(np.concatenate([getattr(p, f.name) for p in parts]) for f in fields(Entries)))


@dataclass(frozen=True)
class Habits:
    """How each person logs: seconds they round to, usual start of day, entries a day, share of days
    forgotten.
    """

    grain: Ints
    day_start: Ints
    entries: npt.NDArray[np.float64]
    forgets: npt.NDArray[np.float64]
    presence: npt.NDArray[np.float64]


@dataclass(frozen=True)
class Scene:
    """All that entries are drawn from. ``worked``: person × day minutes really worked."""

    plan: Plan
    org: Organisation
    days: Days
    portfolio: Portfolio
    habits: Habits
    worked: npt.NDArray[np.int16]


def draw_habits(plan: Plan, count: int) -> Habits:
    rng = plan.rng("habits")
    return Habits(
        grain=rng.choice(np.array([1, 60, 300, 900]), count, p=[0.3, 0.1, 0.3, 0.3]).astype(np.int64),
        day_start=(rng.normal(8.75, 0.6, count).clip(6.5, 10.5) * 3600).astype(np.int64) // 900 * 900,
        entries=rng.normal(2.4, 0.7, count).clip(0.8, 4.5),
        forgets=rng.beta(1, 40, count),
        presence=rng.normal(0.98, 0.06, count).clip(0.75, 1.15),
    )


def draw_worked(plan: Plan, days: Days, habits: Habits, absences: list[Absence]) -> npt.NDArray[np.int16]:
    """Minutes worked on each day: planned less leave, hardly any on holidays, a little at weekends, none
    when forgotten.
    """
    rng = plan.rng("worked")
    shape = days.due.shape
    away = absent_ratio(plan, absences, days.due)
    noise = rng.normal(1.0, 0.09, shape).astype(np.float32).clip(0.6, 1.3)
    worked = days.due * (1 - away) * noise * habits.presence[:, None].astype(np.float32)
    throw = rng.random(shape, dtype=np.float32)
    worked[days.holiday & (throw > 0.02)] = 0
    weekend = (days.due == 0) & (days.team >= 0) & (throw < 0.004) & (days.due.max(axis=1, keepdims=True) > 0)
    worked[weekend] = 150
    worked[rng.random(shape, dtype=np.float32) < habits.forgets[:, None]] = 0
    worked[worked < 20] = 0
    out: npt.NDArray[np.int16] = worked.clip(0, 690).astype(np.int16)
    return out


def draw_month(scene: Scene, source: str, month: Month) -> Entries:
    """Entries of the month for people whose team logs in ``source``. Teams change on the first of a month
    only.
    """
    rng = scene.plan.rng(f"entries.{source}", month.first_index)
    window = slice(month.first_index, month.last_index + 1)
    team = scene.days.team[:, window].max(axis=1).astype(np.int64)
    wanted = [i for i, one in enumerate(scene.org.teams) if one.family is not None and one.family.source == source]
    people = np.flatnonzero(np.isin(team, wanted))
    minutes = scene.worked[people, window].astype(np.int64)
    row, column = np.nonzero(minutes)
    habits = scene.habits
    who = people[row]
    grain = np.full(len(who), GRAIN[source], np.int64) if source in GRAIN else habits.grain[who]
    seconds = minutes[row, column] * 60
    count = (1 + rng.poisson(habits.entries[who])).clip(1, 7)
    count = np.minimum(count, np.maximum(1, seconds // 2400))
    group = np.repeat(np.arange(len(who)), count)
    if len(group) == 0:
        return _nothing()
    length, start = _lay_out(rng, group, count, seconds, grain, habits.day_start[who])
    project, activity, billable = _choose_work(rng, scene, month, people, team[people], row[group])
    note = rng.integers(0, len(NOTES), len(group))
    day = column[group] + month.first_index
    return Entries(who[group], day, start, length, project, activity, note, billable, np.zeros(len(group), np.int64))


def _nothing() -> Entries:
    empty = np.zeros(0, np.int64)
    return Entries(empty, empty, empty, empty, empty, empty, empty, np.zeros(0, bool), empty)


def _lay_out(
    rng: np.random.Generator, group: Ints, count: Ints, seconds: Ints, grain: Ints, day_start: Ints
) -> tuple[Ints, Ints]:
    """Split each person-day into entries one after the other, with short gaps and a lunch break; no two
    overlap.
    """
    first = np.cumsum(count) - count
    weight = rng.random(len(group)) + 0.25
    share = weight / np.add.reduceat(weight, first)[group]
    step = grain[group]
    length = np.maximum(1, np.rint(seconds[group] * share / step).astype(np.int64)) * step
    pause = rng.integers(0, 9, len(group)) * np.maximum(60, np.minimum(step, 300)) * (rng.random(len(group)) < 0.5)
    order = np.arange(len(group)) - first[group]
    lunch = order == (count[group] // 2)
    pause[lunch] += rng.integers(6, 13, int(lunch.sum())) * 300
    pause[first] = 0
    rise = rng.integers(-3, 4, len(count)) * 900 + np.where(grain == 1, rng.integers(0, 900, len(count)), 0)
    ends = np.cumsum(length + pause)
    before = ends[first] - (length + pause)[first]
    start = ends - before[group] - length + (day_start + rise)[group]
    last = np.append(first[1:], len(group)) - 1
    over = np.maximum(0, start[last] + length[last] - (DAY_SECONDS - 60))
    over = -(-over // 900) * 900
    return length, start - over[group]


def _choose_work(
    rng: np.random.Generator, scene: Scene, month: Month, people: Ints, team: Ints, row: Ints
) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """Project, activity and billable flag an entry: up to three client projects a person and month, else
    internal work.
    """
    portfolio = scene.portfolio
    families = [scene.org.teams[number].family for number in team]
    slots = np.zeros((len(people), 3), np.int64)
    own = np.zeros(len(people), np.int64)
    client_share = np.zeros(len(people))
    kinds: list[list[int]] = []
    kind_of = np.zeros(len(people), np.int64)
    for family in (*t.FAMILIES, t.SMALL_TEAM):
        mine = np.array([one is family for one in families], bool)
        if not mine.any():
            continue
        active = portfolio.active(family, month.first_index, month.last_index)
        own[mine] = portfolio.own_internal(family)
        if active:
            slots[mine] = rng.choice(np.array(active), (int(mine.sum()), 3))
            client_share[mine] = family.billable
        kind_of[mine] = len(kinds)
        kinds.append(portfolio.activity_numbers(family))
    throw = rng.random(len(row))
    client = throw < client_share[row]
    slot = rng.choice(3, len(row), p=[0.6, 0.3, 0.1])
    general = rng.choice(5, len(row), p=[0.3, 0.15, 0.1, 0.15, 0.3])
    is_general = rng.random(len(row)) < 0.55
    project = np.where(client, slots[row, slot], np.where(is_general, general, own[row]))
    width = max(len(k) for k in kinds)
    table = np.array([[k[i % len(k)] for i in range(width)] for k in kinds], np.int64)
    activity = table[kind_of[row], rng.integers(0, width, len(row))]
    activity = np.where(~client & is_general, general, activity)
    can_bill = np.array([p.is_billable for p in portfolio.projects], bool)
    return project, activity, client & can_bill[project] & (rng.random(len(row)) > 0.04)
