"""Accounts that lead to nobody on a roster, who they could be, and the line that says so for good.

A proposal is a likeness of names or addresses, for a person to judge; nothing is ever matched by it. What is accepted becomes a
line of reference/people_crosswalk.csv, and the next refresh gives the account's whole history to that person.
"""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from difflib import SequenceMatcher
from pathlib import Path
from typing import Any

from connectors.durable import write_durably
from connectors.sql_text import literal
from data_contracts.errors import WorkledgerError
from orchestration.publication.layout import AUDIENCE_FILES, STATE
from orchestration.reference import TABLES
from orchestration.workspace import Workspace

CROSSWALK = TABLES[0]
CLOSE = 0.88
US_PER_HOUR = 3_600_000_000


@dataclass(frozen=True)
class RosterPerson:
    """Somebody the rosters know."""

    name: str | None
    email: str | None
    number: str | None


@dataclass(frozen=True)
class Proposal:
    """Who an account could be, and what speaks for it."""

    person: RosterPerson
    reason: str


@dataclass(frozen=True)
class Account:
    """An account with activities that no roster knows. ``account`` names it for `accept`; ``hours`` are logged ones."""

    account: str
    source: str
    email: str | None
    source_id: str | None
    name: str | None
    activities: int
    hours: float
    proposal: Proposal | None = None


@dataclass(frozen=True)
class Review:
    """The work list, most hours first, and what is matched: hours with a person on a roster of all logged ones."""

    version: str
    matched_hours: float
    logged_hours: float
    accounts: tuple[Account, ...]

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


def review(workspace: Workspace) -> Review:
    """Raises WorkledgerError where no version is published yet."""
    import duckdb

    files = workspace.published / "current"
    if not files.is_dir():
        raise WorkledgerError("Nothing is published yet", where=str(files), remedy="Run: workledger refresh")
    with duckdb.connect() as con:
        for name, file in (("state", files / STATE), *((name, files / file) for name, file in AUDIENCE_FILES.items())):
            if name in ("state", "analyst", "directory"):
                con.execute(f"attach {literal(file)} as {name} (read_only)")
        (version,) = con.execute("select version from analyst.audit.version").fetchone() or ("",)
        logged, matched = con.execute(
            "select coalesce(sum(duration_us), 0), coalesce(sum(duration_us) filter (where person_key not in"
            " (select person_key from analyst.core.dim_persons where not is_resolved)), 0)"
            " from analyst.core.fct_activities where person_key is not null"
        ).fetchone() or (0, 0)
        roster = [
            RosterPerson(*row)
            for row in con.execute(
                "select person_name, person_email, person_number from directory.core.dim_person_names"
                " where person_key in (select person_key from analyst.core.dim_persons where is_resolved) order by all"
            ).fetchall()
        ]
        rows = con.execute(
            """
            with accounts as (
                select
                    person_key, source, min(person_email) as email, min(person_source_id) as source_id,
                    min(person_name) as name
                from state.intermediate.int_actors_matched
                where match_basis = 'unresolved' and person_key is not null and not is_nobody
                group by person_key, source
            ),
            work as (
                select person_key, source, count(*) filter (where day_part = 1) as activities,
                    coalesce(sum(duration_us), 0) as logged_us
                from analyst.core.fct_activities
                group by person_key, source
            )
            select substr(person_key, 1, 8) || '@' || source, source, email, source_id, name, activities, logged_us
            from accounts join work using (person_key, source)
            order by logged_us desc, activities desc, person_key, source
            """
        ).fetchall()
    accounts = [
        Account(account, source, email, source_id, name, activities, logged_us / US_PER_HOUR)
        for account, source, email, source_id, name, activities, logged_us in rows
    ]
    proposed = tuple(replace(one, proposal=propose(one, roster)) for one in accounts)
    return Review(str(version), matched / US_PER_HOUR, logged / US_PER_HOUR, proposed)


def propose(account: Account, roster: Sequence[RosterPerson]) -> Proposal | None:
    """The one person whom an account resembles most; nobody where two do alike, since namesakes are two people."""
    best: list[tuple[float, str, RosterPerson]] = []
    for person in roster:
        likeness, reason = _likeness(account, person)
        if likeness and (not best or likeness >= best[0][0]):
            best = [entry for entry in best if entry[0] == likeness] + [(likeness, reason, person)]
    if len(best) != 1:
        return None
    _, reason, person = best[0]
    return Proposal(person, reason)


def accept(workspace: Workspace, account: Account, person: RosterPerson) -> Path:
    """Appends a line to the crosswalk, whole or not at all; returns the file.

    Raises WorkledgerError where the crosswalk cannot name the account, or the person has neither address nor number.
    """
    if not (person.email or person.number):
        raise WorkledgerError(
            "That person has neither e-mail address nor number", remedy="Give the roster one of them first."
        )
    kinds = {"person_source_id": account.source_id, "person_email": account.email, "person_name": account.name}
    known = next(((name, value) for name, value in kinds.items() if value), None)
    if known is None:
        raise WorkledgerError("The account has only a number", remedy="Add that number to the roster.")
    line = {
        "source": account.source,
        known[0]: known[1],
        "maps_to_email": person.email or "",
        "maps_to_number": "" if person.email else person.number,
    }
    file = workspace.reference / CROSSWALK.file_name
    before = file.read_text(encoding="utf-8-sig") if file.is_file() else ",".join(CROSSWALK.columns) + "\n"
    after = io.StringIO()
    csv.DictWriter(after, list(CROSSWALK.columns), restval="", lineterminator="\n").writerow(line)
    write_durably(file, (before if before.endswith("\n") else before + "\n") + after.getvalue())
    return file


def find_account(found: Review, asked: str) -> Account:
    """The account that is named as in the list, or by its address, id or name.

    Raises WorkledgerError where that is none or several.
    """
    wanted = asked.strip().lower()
    named = [
        one
        for one in found.accounts
        if wanted in {text.lower() for text in (one.account, one.email, one.source_id, one.name) if text}
    ]
    if len(named) != 1:
        raise WorkledgerError(
            f"{'Several accounts are' if named else 'No unmatched account is'} known as {asked!r}",
            remedy="Name it as in the first column of: workledger people",
        )
    return named[0]


def chosen(workspace: Workspace, account: Account, named: str | None) -> RosterPerson:
    """Who an account is to be: the person named, else the one proposed. Raises WorkledgerError where there is neither."""
    if named is not None:
        return find_person(workspace, named)
    if account.proposal is None:
        raise WorkledgerError(
            f"Nobody is proposed for {account.account}", remedy="Say who it is: --is E-MAIL or --is NUMBER"
        )
    return account.proposal.person


def find_person(workspace: Workspace, asked: str) -> RosterPerson:
    """Somebody on the rosters, by address or number. Raises WorkledgerError where that is nobody."""
    import duckdb

    files = workspace.published / "current"
    with duckdb.connect(str(files / AUDIENCE_FILES["directory"]), read_only=True) as con:
        rows = con.execute(
            "select person_name, person_email, person_number from core.dim_person_names"
            " where lower(person_email) = lower($asked) or upper(trim(person_number)) = upper($asked) order by all",
            {"asked": asked.strip()},
        ).fetchall()
    if len(rows) != 1:
        raise WorkledgerError(
            f"{'Several people are' if rows else 'Nobody on a roster is'} known as {asked!r}",
            remedy="Give the e-mail address or employee number that the roster has.",
        )
    return RosterPerson(*rows[0])


def _likeness(account: Account, person: RosterPerson) -> tuple[float, str]:
    """How much speaks for a person (0: nothing), and what."""
    local, own_local = _local_part(account.email), _local_part(person.email)
    if local and local == own_local:
        return 1.0, "the same address at another domain"
    name = _words(person.name)
    if not name:
        return 0.0, ""
    if _words(account.name) == name:
        return 0.9, "the same name"
    if local and _words(re.sub(r"[._-]+", " ", local)) == name:
        return 0.8, "the address spells the name"
    likeness = SequenceMatcher(None, " ".join(_words(account.name)), " ".join(name)).ratio() if account.name else 0.0
    return (likeness * 0.7, "a similar name") if likeness >= CLOSE else (0.0, "")


def _local_part(email: str | None) -> str:
    return (email or "").split("@")[0].strip().lower()


def _words(name: str | None) -> tuple[str, ...]:
    """The words of a name, without accents, case and order: Byron, Ada is Ada Byron."""
    plain = unicodedata.normalize("NFKD", name or "").encode("ascii", "ignore").decode().lower()
    return tuple(sorted(re.findall(r"[a-z0-9]+", plain)))
