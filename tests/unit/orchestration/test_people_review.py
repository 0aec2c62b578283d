"""Who an unmatched account could be is proposed and never assumed; what is accepted is a line of the crosswalk."""

from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data_contracts.errors import WorkledgerError
from orchestration.people_review import Account, Proposal, Review, RosterPerson, accept, chosen, find_account, propose
from orchestration.reference import check_reference
from orchestration.workspace import Workspace

ADA = RosterPerson("Ada Byron", "ada.byron@example.org", "E1")
EMILE = RosterPerson("Émile Noël", "enoel@example.org", "E2")
BO = RosterPerson("Bo Li", None, "E3")
ROSTER = [ADA, EMILE, BO]
NOBODY = Account("abc@toggl", "toggl", None, None, None, 1, 1.0)


@pytest.mark.parametrize(
    ("account", "person", "reason"),
    [
        (replace(NOBODY, email="Ada.Byron@old-name.test"), ADA, "the same address at another domain"),
        (replace(NOBODY, name="Noel, Emile"), EMILE, "the same name"),
        (replace(NOBODY, email="bo_li@mail.test"), BO, "the address spells the name"),
        (replace(NOBODY, name="Ada Byrom"), ADA, "a similar name"),
        (replace(NOBODY, name="Grace Hopper", email="grace@example.org"), None, ""),
        (NOBODY, None, ""),
    ],
)
def test_what_speaks_for_somebody_is_said(account: Account, person: RosterPerson | None, reason: str) -> None:
    expected = Proposal(person, reason) if person else None
    assert propose(account, ROSTER) == expected
    assert propose(account, ROSTER[::-1]) == expected


def test_namesakes_are_two_people() -> None:
    namesake = RosterPerson("Ada Byron", "ada2@example.org", "E9")
    assert propose(replace(NOBODY, name="Ada Byron"), [*ROSTER, namesake]) is None
    by_address = replace(NOBODY, name="Ada Byron", email="ada2@old.test")
    assert propose(by_address, [*ROSTER, namesake]) == Proposal(namesake, "the same address at another domain")


@given(st.text(max_size=20), st.text(max_size=20))
def test_any_name_can_be_compared(name: str, email: str) -> None:
    found = propose(replace(NOBODY, name=name, email=email), ROSTER)
    assert found is None or found.person in ROSTER


def test_an_accepted_account_is_a_line_of_the_crosswalk(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.reference.mkdir()
    accept(workspace, replace(NOBODY, name="Ada", email="a@old.test", source_id="17"), ADA)
    file = accept(workspace, replace(NOBODY, name='Li, "Bo"'), BO)
    with file.open(encoding="utf-8", newline="") as opened:
        lines = [{name: value for name, value in row.items() if value} for row in csv.DictReader(opened)]
    assert lines == [
        {"source": "toggl", "person_source_id": "17", "maps_to_email": "ada.byron@example.org"},
        {"source": "toggl", "person_name": 'Li, "Bo"', "maps_to_number": "E3"},
    ]
    assert check_reference(workspace.reference) == []
    assert [path.name for path in workspace.reference.iterdir()] == [file.name]


def test_lines_that_are_there_stay_as_they_are(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    workspace.reference.mkdir()
    file = accept(workspace, replace(NOBODY, source_id="1"), ADA)
    before = file.read_text(encoding="utf-8").rstrip("\n")
    file.write_text(before, encoding="utf-8")
    accept(workspace, replace(NOBODY, source_id="2"), ADA)
    assert file.read_text(encoding="utf-8").startswith(before + "\n")


def test_what_cannot_be_accepted_is_said(tmp_path: Path) -> None:
    workspace = Workspace(tmp_path)
    with pytest.raises(WorkledgerError, match="only a number"):
        accept(workspace, NOBODY, ADA)
    with pytest.raises(WorkledgerError, match="neither e-mail address nor number"):
        accept(workspace, replace(NOBODY, name="x"), RosterPerson("X", None, None))
    with pytest.raises(WorkledgerError, match="Nobody is proposed"):
        chosen(workspace, NOBODY, None)


def test_an_account_is_named_by_what_the_list_shows() -> None:
    one, other = replace(NOBODY, email="A@old.test"), replace(NOBODY, account="abd@jira", name="Ada")
    listed = Review("v", 0.0, 1.0, (one, other))
    assert find_account(listed, "ABC@toggl") == find_account(listed, "a@old.test") == one
    assert find_account(listed, "ada") == other
    with pytest.raises(WorkledgerError, match="No unmatched account"):
        find_account(listed, "bo")
    with pytest.raises(WorkledgerError, match="Several accounts"):
        find_account(Review("v", 0.0, 1.0, (other, replace(other, account="abe@jira"))), "ada")
