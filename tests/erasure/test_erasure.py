"""A person is erased from everything that is kept, the accounts close, and she does not come back."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from connectors.ledger import open_ledger
from connectors.streams import extract
from data_contracts.errors import WorkledgerError
from orchestration.annotations import every_annotation, own_annotations
from orchestration.cli.main import app
from orchestration.closes import read_closes
from orchestration.erasure import decisions
from orchestration.erasure import erase as erasing
from orchestration.erasure.erase import Erased, erase, plan_erasure
from orchestration.erasure.records import read_erasures, require_none_under_way
from orchestration.intake import sources_of, store_of
from orchestration.key_salt import key_salt
from orchestration.publication import erasing as versions
from orchestration.releases import files_of, read_releases
from orchestration.verification import verify
from orchestration.workspace import Workspace

from .small_workspace import ADA, ADAS_KEY, AT, BO, BOS_KEY, NEXT_HOURS, RECEPTION, make_workspace, places_that_tell

LATER = datetime(2026, 2, 10, tzinfo=UTC)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_workspace(tmp_path_factory.mktemp("erasure") / "w").root


@pytest.fixture(scope="module")
def erased(made: Path) -> tuple[Workspace, Erased]:
    workspace = Workspace(Path(shutil.copytree(made, made.parent / "erased", symlinks=True)))
    return workspace, erase_her(workspace)


@pytest.fixture
def workspace(made: Path, tmp_path: Path) -> Workspace:
    return Workspace(Path(shutil.copytree(made, tmp_path / "w", symlinks=True)))


@pytest.fixture
def after(erased: tuple[Workspace, Erased], tmp_path: Path) -> Workspace:
    """A copy of the workspace from which she is erased."""
    return Workspace(Path(shutil.copytree(erased[0].root, tmp_path / "w", symlinks=True)))


def erase_her(workspace: Workspace, asked: str = ADA) -> Erased:
    return erase(workspace, plan_erasure(workspace, asked, LATER), lambda _: None)


def rows_of(workspace: Workspace, stream: str, columns: str) -> list[tuple[object, ...]]:
    with open_ledger(store_of(workspace).ledger) as ledger:
        files = [
            str(workspace.data / row["stream_path"]) for row in ledger.current_streams() if row["stream"] == stream
        ]
    return duckdb.execute(
        f"select {columns} from read_parquet(?, union_by_name = true) order by all", [files]
    ).fetchall()


def accounts(workspace: Workspace) -> Iterator[tuple[str, int, int, int, int]]:
    """Source, rows read, loaded, quarantined and filtered because they were erased, by delivery."""
    with open_ledger(store_of(workspace).ledger) as ledger:
        gone = {row["delivery_id"]: row["rows"] for row in ledger.filtered_rows() if row["rule"] == "erased"}
        for row in ledger.current_streams():
            rows = (row["rows_read"], row["rows_loaded"], row["rows_quarantined"])
            yield row["source"], *rows, gone.get(row["delivery_id"], 0)


def test_she_is_found_in_every_kind_of_place_before(made: Path) -> None:
    places = {place.split(":")[0].split("/")[1] for place in places_that_tell(made) if place.startswith("data/")}
    assert places == {
        "annotations",
        "builds",
        "closes",
        "dagster",
        "deliveries",
        "gap_spells.parquet",
        "pulled",
        "quarantine",
        "releases",
        "runs",
        "streams",
    }
    assert {
        place.split(":")[0].split("/")[-1] for place in places_that_tell(made) if place.startswith("published/")
    } == {
        "analyst.duckdb",
        "directory.duckdb",
        "state.duckdb",
    }


def test_she_is_nowhere_afterwards(erased: tuple[Workspace, Erased]) -> None:
    assert places_that_tell(erased[0].root) == []


def test_all_is_as_it_is_recorded(erased: tuple[Workspace, Erased]) -> None:
    found = verify(erased[0])
    assert found.findings == ()
    assert found.verified["erasures"] == found.verified["closed_months"] == found.verified["releases"] == 1


def test_rows_that_went_are_filtered_by_their_rule(erased: tuple[Workspace, Erased]) -> None:
    # The board keeps both tasks; one of the six hours was never read.
    assert sorted(accounts(erased[0])) == [
        ("board", 2, 2, 0, 0),
        ("desk", 2, 1, 0, 1),
        ("hours", 6, 2, 1, 3),
        ("roster", 2, 1, 0, 1),
    ]
    assert dict(erased[1].erasure.rows_by_stream) == {"people": 1, "time_entries": 4}
    assert dict(erased[1].mentions) == {"people": 1, "tasks": 1, "time_entries": 1}


def test_her_hours_are_not_told_as_hours_that_could_not_be_read(after: Workspace) -> None:
    """What was read less what was loaded is at stake where rows are quarantined: hers would be what is told."""

    def time_of(source: str) -> list[tuple[float, float]]:
        with open_ledger(store_of(after).ledger) as ledger:
            rows = [row for row in ledger.current_streams() if row["source"] == source]
        return sorted((row["us_read"] / 3.6e9, row["us_loaded"] / 3.6e9) for row in rows)

    assert (time_of("hours"), time_of("desk")) == ([(13.0, 13.0)], [(3.0, 3.0)])
    (after.inbox / "hours_next.csv").write_text(NEXT_HOURS)
    assert [outcome.problem for outcome in extract(sources_of(after), store_of(after), LATER)] == [None]
    assert time_of("hours") == [(3.0, 3.0), (13.0, 13.0)]


def test_what_is_others_stays(erased: tuple[Workspace, Erased]) -> None:
    workspace = erased[0]
    assert rows_of(workspace, "time_entries", "person_name, duration_us // 3600000000, note") == [
        ("Bo Lind", 3, None),
        ("Bo Lind", 5, None),
        ("Bo Lind", 8, "with [erased] ([erased])"),
    ]
    assert rows_of(workspace, "people", "person_email, manager_email") == [(BO, None)]
    assert rows_of(workspace, "tasks", "title, assignee_email") == [("Do", BO), ("Plan", None)]
    with duckdb.connect(str(workspace.published / "current" / "analyst.duckdb"), read_only=True) as con:
        assert con.execute("from core.dim_persons").fetchall() == [(BOS_KEY, None)]


def test_books_lose_her_and_figures_that_managers_saw_do_not_change(erased: tuple[Workspace, Erased]) -> None:
    workspace = erased[0]
    (close,) = read_closes(workspace)
    assert (close.entries, close.counted_us) == (1, 14_400_000_000)
    (release,) = read_releases(workspace)
    (file,) = files_of(workspace, "contributions")
    rows = duckdb.execute(
        "select count(distinct person_key), sum(counted_us) from read_parquet(?)", [str(file)]
    ).fetchone()
    assert (release.sequence, rows) == (1, (2, 6))
    assert [said.text for said in own_annotations(workspace, BOS_KEY)] == ["Ask [erased]."]
    assert own_annotations(workspace, ADAS_KEY) == ()


def test_files_of_the_users_are_named_and_left_alone(erased: tuple[Workspace, Erased], made: Path) -> None:
    assert erased[1].still_named == tuple(f"inbox/{name}.csv" for name in ("board", "desk", "hours", "roster"))
    assert (erased[0].inbox / "hours.csv").read_text() == (made / "inbox" / "hours.csv").read_text()


def test_an_export_that_still_names_her_is_taken_in_without_her(after: Workspace) -> None:
    (after.inbox / "hours_next.csv").write_text(NEXT_HOURS)
    (after.inbox / "hours.csv").touch()  # The same bytes, to be looked at again.
    (outcome,) = extract(sources_of(after), store_of(after), LATER)
    (stream,) = outcome.streams
    assert (stream.rows_read, stream.rows_loaded, dict(stream.filtered_by)) == (3, 1, {"erased": 2})
    assert rows_of(after, "time_entries", "work_date, note")[-1][1] == "as [erased] said"
    assert places_that_tell(after.root) == []
    assert verify(after).findings == ()


def test_an_export_of_which_nothing_of_hers_can_be_read_is_not_kept_either(after: Workspace) -> None:
    lines = NEXT_HOURS.splitlines()
    rows = (
        lines[1].replace(",8", f",ask {ADA}"),
        "10,bo.lind@example.org,,,Bo Lind,for ada.quist@example.org,day,2026-02-06,3",
    )
    (after.inbox / "hours_next.csv").write_text("\n".join([lines[0], *rows]))
    (outcome,) = extract(sources_of(after), store_of(after), LATER)
    assert [(stream.rows_loaded, stream.rows_quarantined) for stream in outcome.streams] == [(1, 1)]
    assert places_that_tell(after.root) == []
    assert verify(after).findings == ()


def test_a_changed_format_leaves_what_was_erased_as_it_was_mapped_and_says_so(after: Workspace) -> None:
    after.config.write_text(
        after.config.read_text().replace("inbox/desk*.csv']", "inbox/desk*.csv'], zone: Europe/Oslo")
    )
    before = rows_of(after, "time_entries", "*")
    assert list(extract(sources_of(Workspace(after.root)), store_of(after), LATER)) == []
    assert rows_of(after, "time_entries", "*") == before
    with open_ledger(store_of(after).ledger) as ledger:
        (problem,) = [row for row in ledger.problems() if row["source"] == "desk"]
    assert "with somebody who was erased, are not kept" in problem["detail"]


def test_erasing_twice_is_an_error_in_words(after: Workspace) -> None:
    for asked in (ADA.upper(), "q0417", ADAS_KEY):
        with pytest.raises(WorkledgerError, match="erased already"):
            plan_erasure(after, asked, LATER)
    with pytest.raises(WorkledgerError, match="Nobody is known as"):
        plan_erasure(after, "eve@example.org", LATER)
    assert len(read_erasures(after)) == 1


def test_a_killed_erase_goes_on_where_it_was(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    def die(*_: object) -> None:
        raise KeyboardInterrupt

    for home, step in (
        (erasing, "_account"),
        (versions, "file_hashes"),
        (decisions, "_rewrite"),
        (erasing, "keep_erasure"),
    ):
        with monkeypatch.context() as patched, pytest.raises(KeyboardInterrupt):
            patched.setattr(home, step, die)
            erase_her(workspace)
    with pytest.raises(WorkledgerError, match="unfinished"):
        require_none_under_way(workspace)
    with pytest.raises(WorkledgerError, match="somebody else"):
        plan_erasure(workspace, BO, LATER)
    assert "erasures" in {finding.rule for finding in verify(workspace).findings}
    assert erase_her(workspace, ADAS_KEY).went_on
    assert places_that_tell(workspace.root) == []
    assert verify(workspace).findings == ()
    assert sorted(accounts(workspace))[2] == ("hours", 6, 2, 1, 3)


def test_what_killed_steps_left_behind_goes(workspace: Workspace) -> None:
    versions_kept, release = workspace.published / "versions", workspace.releases / "000001"
    (version,) = [path for path in versions_kept.iterdir() if path.is_dir()]
    books = workspace.closes / "2026-01.parquet"
    left = [
        Path(shutil.copytree(version, versions_kept / ".going-20260101T000000Z-00000000")),
        Path(shutil.copytree(version, versions_kept / ".incoming-20260102T000000Z-00000000")),
        Path(shutil.copytree(release, workspace.releases / ".new-000002")),
        Path(shutil.copy(books, workspace.closes / "2025-12.parquet")),
        Path(shutil.copy(books, workspace.closes / "2025-11.new")),
        *(folder / ".hold.json.writing" for folder in (workspace.erasures, workspace.closes, workspace.published)),
    ]
    workspace.erasures.mkdir()
    for path in left[-3:]:
        path.write_text(ADA)
    erase_her(workspace)
    assert not [path for path in left if path.exists()]
    assert places_that_tell(workspace.root) == []
    assert verify(workspace).findings == ()


def test_what_stood_under_the_key_of_an_account_before_it_was_known_to_be_hers_goes_too(workspace: Workspace) -> None:
    parts = (key_salt(workspace.key_salt), "unresolved name", "desk", "Ada Q.")
    former = hashlib.md5("\x1f".join(parts).encode()).hexdigest()
    analyst = workspace.published / "current" / "analyst.duckdb"
    analyst.chmod(0o600)
    with duckdb.connect(str(analyst)) as con:
        con.execute(f"insert into core.fct_activities by name select 'x3' as activity_key, '{former}' as person_key")
    said = json.loads((workspace.annotations / "000001.json").read_text()) | {"person_key": former}
    (workspace.annotations / "000003.json").write_text(json.dumps(said))
    assert erase_her(workspace).erasure.annotations == 2
    with duckdb.connect(str(analyst), read_only=True) as con:
        assert con.execute("select person_key from core.fct_activities").fetchall() == [(BOS_KEY,)]
    assert list(every_annotation(workspace)) == [2]


def test_whom_only_an_older_version_knows_is_erased(workspace: Workspace) -> None:
    current = (workspace.published / "current").resolve()
    shutil.copytree(current, current.with_name("20260101T000000Z-00000000"))
    for file, table in (
        ("private/state", "intermediate.int_actors_matched"),
        ("private/state", "intermediate.int_people_identified"),
        ("private/state", "intermediate.int_person_identifiers_mapped"),
        ("private/state", "intermediate.int_actors_lent"),
        ("directory", "core.dim_person_names"),
    ):
        path = current / f"{file}.duckdb"
        path.chmod(0o600)
        with duckdb.connect(str(path)) as con:
            con.execute(f"delete from {table} where person_key = '{ADAS_KEY}'")
    assert [place for place in places_that_tell(workspace.root) if current.name in place]
    erase_her(workspace, "q0417")
    # Of the current one nothing tells either: of deleted rows a file still holds the bytes.
    assert places_that_tell(workspace.root) == []


def test_a_version_of_older_code_loses_her_too(workspace: Workspace) -> None:
    current = (workspace.published / "current").resolve()
    older = Path(shutil.copytree(current, current.with_name("20260101T000000Z-00000000")))
    state = older / "private" / "state.duckdb"
    state.chmod(0o600)
    with duckdb.connect(str(state)) as con:
        con.execute("alter table intermediate.int_people_identified rename to int_people")
    erase_her(workspace)
    assert [place for place in places_that_tell(workspace.root) if "state.duckdb" not in place] == []
    with duckdb.connect(str(state), read_only=True) as con:
        assert con.execute("select person_key from intermediate.int_people").fetchall() == [(BOS_KEY,)]


def test_whom_no_version_knows_is_erased_from_what_came_in(workspace: Workspace) -> None:
    (workspace.inbox / "hours_more.csv").write_text(NEXT_HOURS.replace("ADA.QUIST@", "Eve@"))
    (came,) = extract(sources_of(workspace), store_of(workspace), LATER)
    done = erase_her(workspace, "eve@example.org")
    assert (done.erasure.rows_by_stream, done.erasure.deliveries) == ({"time_entries": 1}, (came.delivery_id,))
    assert "eve@example.org" not in str(rows_of(workspace, "time_entries", "person_email")).lower()
    with pytest.raises(WorkledgerError, match="erased already"):
        plan_erasure(workspace, "EVE@example.org", LATER)


@pytest.mark.parametrize("asked", ["@example.org", "example.org", "Quist", "with", ""])
def test_what_is_only_mentioned_is_nobody(workspace: Workspace, asked: str) -> None:
    """A part of everybody's address, or of a note: whoever took it for a person would take it out of everything."""
    with pytest.raises(WorkledgerError, match="Nobody is known as"):
        plan_erasure(workspace, asked, LATER)


def test_files_named_after_her_are_told(workspace: Workspace) -> None:
    """Whatever they hold: names of files are read as well."""
    path = workspace.inbox / "hours_Quist-ada.csv"
    path.write_text(NEXT_HOURS.splitlines()[0] + "\n")
    (workspace.reference / "Ada Quist").mkdir()
    (workspace.reference / "Adah Quistgaard.csv").write_text("")
    named = erase_her(workspace).still_named
    assert "inbox/hours_Quist-ada.csv" in named
    assert not [name for name in named if "Quistgaard" in name]


def test_hours_on_a_lent_account_go_with_her_and_others_stay(workspace: Workspace) -> None:
    path = workspace.inbox / "desk_reception.csv"
    path.write_text(RECEPTION)
    (lent,) = extract(sources_of(workspace), store_of(workspace), LATER)
    done = erase_her(workspace)
    assert lent.delivery_id in done.erasure.deliveries
    assert "inbox/desk_reception.csv" in done.still_named
    path.write_text(RECEPTION + "r5,reception,,day,2026-01-13,16\nr6,reception,,day,2026-01-16,32\n")
    (again,) = extract(sources_of(workspace), store_of(workspace), LATER)
    (account,) = again.streams
    assert (account.rows_read, account.rows_loaded, account.filtered_by) == (6, 3, {"erased": 3})
    path.write_text("\n".join(line for line in RECEPTION.splitlines() if not line.startswith(("r2", "r3"))))
    (clean,) = extract(sources_of(workspace), store_of(workspace), LATER)
    assert clean.streams[0].filtered_by == {}
    with open_ledger(store_of(workspace).ledger) as ledger:
        hashes = {row["delivery_id"]: row["sha256"] for row in ledger.deliveries()}
        gone = ledger.bytes_let_go()
    assert [hashes[outcome.delivery_id] in gone for outcome in (lent, again, clean)] == [True, True, False]
    kept = rows_of(workspace, "time_entries", "work_date, duration_us // 3600000000 as hours, person_source_id")
    assert {(str(day), hours) for day, hours, account in kept if account == "reception"} == {
        ("2026-01-11", 1),
        ("2026-01-15", 8),
        ("2026-01-16", 32),
    }
    with duckdb.connect(str(workspace.published / "current" / "private" / "state.duckdb"), read_only=True) as con:
        days = con.execute("select stated_date::varchar, person_actor_key from intermediate.of_reception").fetchall()
        holders = con.execute("select actor_key, person_key from intermediate.int_actors_lent").fetchall()
        accounts_kept = con.execute("select actor_key from intermediate.int_actors_matched order by 1").fetchall()
    assert (days, holders) == ([("2026-01-15", "r1")], [("r1", BOS_KEY)])
    assert accounts_kept == [("b1",), ("r1",)]
    assert verify(workspace).findings == ()


def test_nothing_changes_without_a_yes(workspace: Workspace) -> None:
    before = {path: path.stat().st_mtime_ns for path in workspace.data.rglob("*") if path.name != "refresh.lock"}
    tried = [["--dry-run", "--json"], []]
    results = [
        CliRunner().invoke(app, ["erase", ADA, "-w", str(workspace.root), *options], input="n\n") for options in tried
    ]
    assert [result.exit_code for result in results] == [0, 1]
    assert '"is_done": false' in results[0].stdout
    assert "Erase for good?" in results[1].output
    assert {
        path: path.stat().st_mtime_ns for path in workspace.data.rglob("*") if path.name != "refresh.lock"
    } == before


def test_a_file_that_lost_rows_before_is_no_erasure(workspace: Workspace) -> None:
    (path,) = (workspace.data / "streams" / "people").glob("*.parquet")
    duckdb.execute(f"copy (select * from read_parquet('{path}') limit 1) to '{path}.new' (format parquet)")
    path.with_name(path.name + ".new").replace(path)
    with pytest.raises(WorkledgerError, match="does not hold what the ledger says"):
        plan_erasure(workspace, ADA, AT)
