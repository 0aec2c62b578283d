"""Which keys what leads to a person can have had: erasing looks for them where no version that is kept knows them any more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import duckdb

from connectors.persons import Person
from orchestration.erasure.person import possible_keys
from orchestration.key_salt import key_salt
from orchestration.workspace import Workspace

Refreshed = tuple[Path, dict[str, Any]]


def test_the_models_give_no_key_that_cannot_be_computed(refreshed: Refreshed) -> None:
    workspace = Workspace(refreshed[0])
    salt, tried = key_salt(workspace.key_salt), 0
    with duckdb.connect(str(workspace.published / "current" / "private" / "state.duckdb"), read_only=True) as con:
        accounts = con.execute(
            "select person_key, source, person_email, person_number, person_source_id, person_name"
            " from intermediate.int_actors_matched where not is_resolved and person_key is not null"
        ).fetchall()
        rosters = con.execute(
            "select person_key, source, person_email, person_number, told_email, told_number,"
            " coalesce(person_source_id, source_record_id) from intermediate.int_people_identified"
        ).fetchall()
    for key, source, email, number, source_id, name in accounts:
        person = Person(
            emails=_some(email),
            numbers=_some(number),
            source_ids=_of(source, source_id),
            accounts=_of(source, name),
        )
        tried += 1
        assert key in possible_keys(person, salt)
    # A number may be known of another row of the same person.
    people: dict[str, tuple[Person, frozenset[tuple[str, str]]]] = {}
    for key, source, email, number, told_email, told_number, roster_id in rosters:
        person, roster_ids = people.get(key, (Person(), frozenset()))
        told = Person(emails=_some(email, told_email), numbers=_some(number, told_number))
        people[key] = (person.and_also(told), roster_ids | _of(source, roster_id))
    for key, (person, roster_ids) in people.items():
        tried += 1
        assert key in possible_keys(person, salt, roster_ids)
    assert tried > 75


def _some(*values: str | None) -> frozenset[str]:
    return frozenset(value for value in values if value)


def _of(source: str, account: str | None) -> frozenset[tuple[str, str]]:
    return frozenset({(source, account)} if account else ())
