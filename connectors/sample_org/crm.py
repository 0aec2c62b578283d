"""Salesforce activities of the sales teams and Zendesk tickets of the support teams, as their CSV exports
hold them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from connectors.sample_org.calendars import offsets
from connectors.sample_org.names import CLIENT_NAMES
from connectors.sample_org.plan import Month
from connectors.sample_org.spelling import Ints, Texts, clock24, gather
from connectors.sample_org.time_entries import DAY_SECONDS, Scene

if TYPE_CHECKING:
    import polars as pl

TASK_SUBJECTS = ("Call", "Email: proposal", "Follow up", "Send contract", "Call back")
SUBTYPES = ("Call", "Email", "Task", "Email", "Call")
DISPOSITIONS = ("Interested", "No answer", "Not now", "Meeting agreed")
TICKET_SUBJECTS = ("Cannot sign in", "Invoice question", "Export fails", "Slow page", "Change of address", "Bug report")
TICKET_STATUSES = ("Open", "Pending", "On-hold", "Solved", "Closed")
ZENDESK_HEADERS = (
    "Summation column", "Id", "Requester", "Requester id", "Requester external id", "Requester email",
    "Requester domain", "Submitter", "Assignee", "Group", "Subject", "Tags", "Status", "Priority", "Via",
    "Ticket type", "Created at", "Updated at", "Assigned at", "Organization", "Due date", "Initially assigned at",
    "Solved at", "Resolution time", "Satisfaction Score", "Group stations", "Assignee stations", "Reopens", "Replies",
    "First reply time in minutes", "First reply time in minutes within business hours",
    "First resolution time in minutes", "First resolution time in minutes within business hours",
    "Full resolution time in minutes", "Full resolution time in minutes within business hours",
    "Agent wait time in minutes", "Agent wait time in minutes within business hours",
    "Requester wait time in minutes", "Requester wait time in minutes within business hours",
    "On hold time in minutes", "On hold time in minutes within business hours", "Total time spent (sec) [int]",
)  # fmt: skip


class Crm:
    """Draws and renders what began in a month, with the second (of the plan) of each row's last update.

    Instants are computed in UTC from the person's own clock.
    """

    def __init__(self, scene: Scene, texts: Texts) -> None:
        self.scene, self.texts = scene, texts
        self.offsets = offsets(scene.plan)

    def _present(self, family: str, month: Month, rng: np.random.Generator, rate: float) -> tuple[Ints, Ints, Ints]:
        """Person, day and start (UTC seconds of the plan) of a Poisson number of things a day at work."""
        scene = self.scene
        wanted = [n for n, team in enumerate(scene.org.teams) if team.family and team.family.name == family]
        window = slice(month.first_index, month.last_index + 1)
        team, worked = scene.days.team[:, window], scene.worked[:, window]
        row, column = np.nonzero(np.isin(team, wanted) & (worked > 0))
        count = rng.poisson(rate, len(row))
        person, day = np.repeat(row, count), np.repeat(column, count) + month.first_index
        local = day * DAY_SECONDS + rng.integers(8 * 3600, 17 * 3600, len(person))
        place = scene.days.place[person, day].astype(np.int64)
        at = local - self.offsets[place, day]
        order = np.lexsort((person, at))
        return person[order], day[order], at[order]

    def _utc(self, at: Ints) -> pl.Series:
        """2026-03-02T09:15:00.000Z."""
        return self.texts.days(at // DAY_SECONDS) + "T" + clock24(at % DAY_SECONDS) + ".000Z"

    def _ids(self, prefix: str, month: Month, count: int) -> pl.Series:
        import polars as pl

        numbers = month.first_index * 1_000_000 + np.arange(count)
        return pl.select(pl.lit(prefix) + pl.Series(numbers).cast(pl.String).str.zfill(15)).to_series()

    def _owner(self, person: Ints) -> dict[str, pl.Series]:
        import polars as pl

        ids = pl.select(pl.lit("005") + pl.Series(person).cast(pl.String).str.zfill(15)).to_series()
        return {
            "OwnerId": ids,
            "Owner.Name": gather(self.texts.names, person),
            "Owner.Email": self.texts.present_emails(person),
        }

    def salesforce_tasks(self, month: Month) -> tuple[pl.DataFrame, Ints]:
        """Calls, e-mails and to-dos: the columns of a Data Loader export of Task."""
        import polars as pl

        rng = self.scene.plan.rng("salesforce_tasks", month.first_index)
        person, day, at = self._present("Sales", month, rng, 4.0)
        size = len(person)
        kind = rng.integers(0, len(SUBTYPES), size)
        is_call = np.isin(kind, (0, 4))
        now = self.scene.plan.days * DAY_SECONDS
        seconds = rng.integers(30, 1500, size)
        done = at + rng.integers(0, 3, size) * DAY_SECONDS * (rng.random(size) < 0.3) + seconds
        closed = (done < now) & (rng.random(size) < 0.94)
        updated = np.where(closed, done, at)
        frame = pl.DataFrame(
            {
                "Id": self._ids("00T", month, size),
                **self._owner(person),
                "Account.Name": gather(pl.Series(CLIENT_NAMES), rng.integers(0, len(CLIENT_NAMES), size)),
                "Subject": gather(pl.Series(TASK_SUBJECTS), kind),
                "TaskSubtype": gather(pl.Series(SUBTYPES), kind),
                "Status": gather(pl.Series(["In Progress", "Completed"]), closed.astype(np.int64)),
                "Priority": gather(pl.Series(["Normal", "High"]), (rng.random(size) < 0.1).astype(np.int64)),
                "ActivityDate": self.texts.days(day),
                "CallDurationInSeconds": _where(is_call & closed, pl.Series(seconds).cast(pl.String)),
                "CallDisposition": _where(is_call & closed, gather(pl.Series(DISPOSITIONS), rng.integers(0, 4, size))),
                "IsClosed": _flags(closed),
                "CompletedDateTime": _where(closed, self._utc(done)),
                "CreatedDate": self._utc(at),
                "IsDeleted": _flags(rng.random(size) < 0.004),
                "SystemModstamp": self._utc(updated),
            }
        )
        return frame, updated

    def salesforce_events(self, month: Month) -> tuple[pl.DataFrame, Ints]:
        """Meetings in the calendar: the columns of a Data Loader export of Event."""
        import polars as pl

        rng = self.scene.plan.rng("salesforce_events", month.first_index)
        person, day, at = self._present("Sales", month, rng, 0.9)
        size = len(person)
        start = at // 1800 * 1800
        minutes = rng.choice(np.array([30, 30, 45, 60, 90]), size)
        created = start - rng.integers(1, 10, size) * DAY_SECONDS
        updated = start + minutes * 60
        frame = pl.DataFrame(
            {
                "Id": self._ids("00U", month, size),
                **self._owner(person),
                "Account.Name": gather(pl.Series(CLIENT_NAMES), rng.integers(0, len(CLIENT_NAMES), size)),
                "Subject": gather(pl.Series(["Demo", "Meeting", "Call"]), rng.integers(0, 3, size)),
                "Type": gather(pl.Series(["Meeting", "Call", "Other"]), rng.integers(0, 3, size)),
                "StartDateTime": self._utc(start),
                "EndDateTime": self._utc(start + minutes * 60),
                "DurationInMinutes": pl.Series(minutes).cast(pl.String),
                "ActivityDate": self.texts.days(day),
                "IsAllDayEvent": _flags(np.zeros(size, bool)),
                "CreatedDate": self._utc(created),
                "IsDeleted": _flags(rng.random(size) < 0.004),
                "SystemModstamp": self._utc(updated),
            }
        )
        return frame, updated

    def zendesk(self, month: Month) -> tuple[pl.DataFrame, Ints]:
        """Tickets created in the month, in the account's zone (Europe/London); the assignee is a name
        without address.
        """
        import polars as pl

        rng = self.scene.plan.rng("zendesk", month.first_index)
        person, day, at = self._present("Customer Support", month, rng, 5.0)
        size = len(person)
        created = at + self.offsets[1, day]
        now = self.scene.plan.days * DAY_SECONDS
        reply = rng.exponential(90, size).astype(np.int64) + 2
        resolve = reply + rng.exponential(900, size).astype(np.int64) + 5
        solved = created + resolve * 60 < now
        solved &= rng.random(size) < 0.97
        status = np.where(solved, np.where(now - created > 10 * DAY_SECONDS, 4, 3), rng.integers(0, 3, size))
        ends = np.where(solved, created + resolve * 60, np.minimum(created + reply * 60, now))
        requester = rng.integers(1, 400, size)
        client = rng.integers(0, len(CLIENT_NAMES), size)
        handled = rng.integers(120, 3600, size)
        has_due = rng.random(size) < 0.2
        group = self.scene.days.team[person, day].astype(np.int64) + 1
        known: dict[str, pl.Series] = {
            "Summation column": pl.Series(["1"] * size, dtype=pl.String),
            "Id": pl.Series(month.first_index * 100_000 + np.arange(size) + 1000).cast(pl.String),
            "Requester": pl.select("Customer " + pl.Series(requester).cast(pl.String)).to_series(),
            "Requester id": pl.Series(requester + 360_000_000).cast(pl.String),
            "Requester email": pl.select("customer." + pl.Series(requester).cast(pl.String) + "@example.org").to_series(),
            "Requester domain": pl.Series(["example.org"] * size, dtype=pl.String),
            "Submitter": pl.select("Customer " + pl.Series(requester).cast(pl.String)).to_series(),
            "Assignee": gather(self.texts.names, person),
            "Group": gather(self.texts.team_names, group),
            "Subject": gather(pl.Series(TICKET_SUBJECTS), rng.integers(0, len(TICKET_SUBJECTS), size)),
            "Status": gather(pl.Series(TICKET_STATUSES), status),
            "Priority": gather(pl.Series(["Low", "Normal", "High", "Urgent"]), rng.integers(0, 4, size)),
            "Via": gather(pl.Series(["Mail", "Web form", "Phone"]), rng.integers(0, 3, size)),
            "Ticket type": gather(pl.Series(["Question", "Incident", "Problem", None]), rng.integers(0, 4, size)),
            "Created at": self._minute(created),
            "Updated at": self._minute(ends),
            "Assigned at": self._minute(created + 60),
            "Organization": gather(pl.Series(CLIENT_NAMES), client),
            "Due date": _where(has_due, self._minute(created + 3 * DAY_SECONDS)),
            "Initially assigned at": self._minute(created + 60),
            "Solved at": _where(solved, self._minute(ends)),
            "Resolution time": _where(solved, pl.Series(-(-resolve // 60)).cast(pl.String)),
            "Satisfaction Score": gather(pl.Series(["Not Offered", "Good", "Bad"]), rng.choice(3, size, p=[0.8, 0.17, 0.03])),
            "Group stations": pl.Series(["1"] * size, dtype=pl.String),
            "Assignee stations": pl.Series(["1"] * size, dtype=pl.String),
            "Reopens": pl.Series((rng.random(size) < 0.05).astype(np.int64)).cast(pl.String),
            "Replies": pl.Series(rng.integers(1, 6, size)).cast(pl.String),
            "First reply time in minutes": pl.Series(reply).cast(pl.String),
            "First resolution time in minutes": _where(solved, pl.Series(resolve).cast(pl.String)),
            "Full resolution time in minutes": _where(solved, pl.Series(resolve).cast(pl.String)),
            "Total time spent (sec) [int]": _where(rng.random(size) < 0.9, pl.Series(handled).cast(pl.String)),
        }  # fmt: skip
        nothing = pl.Series([None] * size, dtype=pl.String)
        return pl.DataFrame({name: known.get(name, nothing) for name in ZENDESK_HEADERS}), ends

    def _minute(self, local: Ints) -> pl.Series:
        """2026-03-02 09:15."""
        return self.texts.days(local // DAY_SECONDS) + " " + clock24(local % DAY_SECONDS).str.slice(0, 5)


def _where(keep: np.ndarray[tuple[int], np.dtype[np.bool_]], values: pl.Series) -> pl.Series:
    """Values where ``keep``, else nothing."""
    import polars as pl

    return pl.select(pl.when(pl.Series(keep)).then(values)).to_series()


def _flags(values: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> pl.Series:
    import polars as pl

    return gather(pl.Series(["false", "true"]), values.astype(np.int64))
