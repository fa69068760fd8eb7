"""What was recorded stays recorded: on a full disk, after a crash, beside a second program, and in damaged files."""

import os
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_refusion.record.events import START, Event, Kind, digest, first_broken
from napari_refusion.record.project_folder import change_project, open_project
from napari_refusion.record.replay import replay
from napari_refusion.record.roster import readers_in
from napari_refusion.record.store import Store
from napari_refusion.record.verify import verify_project
from napari_refusion.volume.finding import RefusedError
from tests.record.reader_files import CASE, RUN_ID, aside, database, filled, raw, record
from tests.record.test_replay import SEQUENCE
from tests.recorded import MRI, RUN, at, examples, judged


def test_events_come_back_in_their_order_from_the_same_and_from_a_reopened_store(tmp_path: Path) -> None:
    with Store.open(tmp_path, "R1") as store:
        assert (store.all_events(), store.chain_head, store.is_read_only) == ((), store.chain()[0].hash, False)
        assert (store.findings, store.lock_owner, store.unsaved) == ((), "", ())
        said = [
            store.append(CASE, RUN_ID, "open", {}),
            store.append(CASE, RUN_ID, *judged(3, "flag", "step", "other")),
            store.append("case-2", "run-2", "comment", at(1, text="Größe 猫 \ud800 \x00 'x'; DROP TABLE events;--")),
            store.append(CASE, RUN_ID, "undo", {}),
        ]
        assert store.all_events() == tuple(said)
        assert store.events(CASE) == (said[0], said[1], said[3])
        assert store.events("case-3") == ()
        assert store.chain_head == said[3].hash
    with Store.open(tmp_path, "R1") as store:
        assert store.all_events() == tuple(said)
        assert store.chain_head == said[3].hash
        assert store.append(CASE, RUN_ID, "redo", {}).previous == said[3].hash
        assert first_broken(store.chain()) is None


def test_what_json_lacks_is_not_recorded(tmp_path: Path) -> None:
    with Store.open(tmp_path, "R1") as store:
        for payload in ({"x": float("nan")}, {"x": {1}}):
            with pytest.raises(ValueError):  # noqa: PT011 - the words are json's
                store.append(CASE, RUN_ID, "comment", payload)
            with pytest.raises(ValueError):  # noqa: PT011
                store.rows.keep_case(CASE, payload)
        assert store.all_events() == store.unsaved == ()
        assert store.rows.cases() == {}


def test_events_can_be_neither_changed_nor_deleted_nor_replaced(tmp_path: Path) -> None:
    before = filled(tmp_path, 3)
    columns = "event_id, case_id, run_id, reader, utc, kind, payload_json, previous, hash"
    for statement in (
        "UPDATE events SET payload_json = '{}' WHERE seq = 2",
        "DELETE FROM events WHERE seq = 3",
        "DELETE FROM events",
        f"INSERT OR REPLACE INTO events (seq, {columns}) SELECT 2, 'new', {columns[10:]} FROM events WHERE seq = 1",
        f"REPLACE INTO events ({columns}) SELECT {columns} FROM events WHERE seq = 1",
    ):
        with pytest.raises(sqlite3.IntegrityError, match="never"), raw(database(tmp_path)) as connection:
            connection.execute(statement)
    with Store.open(tmp_path, "R1") as store:
        assert store.all_events() == before


def test_what_sources_and_files_are_called_is_not_in_the_database(tmp_path: Path) -> None:
    folder = tmp_path / "MEIER ANNA"
    filled(folder)
    with Store.open(folder, "R1"):
        for path in (folder / "reviews").iterdir():
            assert b"MEIER" not in path.read_bytes()


@examples(15, 500)
@given(sequence=SEQUENCE, cuts=st.sets(st.integers(0, 40), max_size=4))
def test_closing_and_opening_anywhere_changes_nothing(
    tmp_path_factory: pytest.TempPathFactory, sequence: list[tuple[str, Kind, dict[str, Any]]], cuts: set[int]
) -> None:
    folder = tmp_path_factory.mktemp("cut")
    store = Store.open(folder, "R1")
    said = []
    for place, (run_id, kind, payload) in enumerate(sequence):
        if place in cuts:
            store.close()
            store = Store.open(folder, "R1")
        said.append(store.append(CASE, run_id, kind, payload))
    store.close()
    with Store.open(folder, "R1") as store:
        assert store.events(CASE) == tuple(said)
        for run_id in ("run-1", "run-2"):
            assert replay(store.events(CASE), run_id) == replay(said, run_id)
    shutil.rmtree(folder)


def test_a_closed_store_leaves_one_file_and_the_empty_lock(tmp_path: Path) -> None:
    filled(tmp_path)
    assert {path.name for path in (tmp_path / "reviews").iterdir()} <= {"R1.sqlite", "R1.lock", "R1.head"}
    assert (tmp_path / "reviews" / "R1.sqlite").exists()
    store = Store.open(tmp_path, "R1")
    store.close()
    store.close()


def test_two_readers_write_beside_each_other(tmp_path: Path) -> None:
    with Store.open(tmp_path, "R1") as first, Store.open(tmp_path, "R2") as second:
        record(first, 2)
        record(second, 3)
        assert (len(first.all_events()), len(second.all_events())) == (2, 3)
        assert not first.is_read_only
        assert not second.is_read_only


def test_the_whole_chain_recomputed_is_not_seen() -> None:
    """Evidence of tampering, no protection from it; see `record.events`."""
    event = Event("id", CASE, RUN_ID, "R1", "2026", "undo", {}, START, "")
    assert first_broken([replace(event, hash=digest(event))]) is None


@pytest.mark.parametrize("name", ["R1", "anna-2", "A_b", "x" * 40, "CONrad", "com10", "0"])
def test_names_of_readers(tmp_path: Path, name: str) -> None:
    with Store.open(tmp_path, name) as store:
        assert store.reader == name
        assert record(store, 1)[0].reader == name
    assert database(tmp_path, name).exists()


@pytest.mark.parametrize(
    "name",
    [
        *["", ".", "..", "../R1", "a/b", "a\\b", "/etc/passwd", "C:x", "a b", "a.b", "R1\n", "a\x00b", "Müller", "猫"],
        *["x" * 41, "CON", "con", "nul", "PRN", "aux", "COM1", "lpt9", "\ud800"],
    ],
)
def test_other_names_never_reach_the_disk(tmp_path: Path, name: str) -> None:
    for read_only in (False, True):
        with pytest.raises(RefusedError, match="not a valid reader name"):
            Store.open(tmp_path, name, read_only)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    ["with spaces", "Größe 猫 🧠", "100% ?#&=file:", "-x", "'quoted'", "/".join(["long" * 12] * 6)],
    ids=range(6),
)
def test_folders_may_be_called_anything(tmp_path: Path, name: str) -> None:
    filled(tmp_path / name, 3)
    with Store.open(tmp_path / name, "R1") as store:
        assert len(store.all_events()) == 3
        store.save_elsewhere(tmp_path / name / "copy.sqlite")


@pytest.mark.parametrize("length", [450, 600, 3000, 5000])
def test_a_place_that_is_too_long_works_or_is_refused(tmp_path: Path, length: int) -> None:
    folder = tmp_path
    while len(str(folder)) < length - 60:
        folder = folder / ("x" * 50)
    if length == 450:
        filled(folder, 3)
        return
    with pytest.raises(RefusedError, match="too long"):
        Store.open(folder, "R1")


@pytest.mark.parametrize("in_the_way", ["reviews", "reviews/R1.sqlite"])
def test_something_else_in_the_way_is_refused(tmp_path: Path, in_the_way: str) -> None:
    if in_the_way == "reviews":
        (tmp_path / "reviews").touch()
    else:
        database(tmp_path).mkdir(parents=True)
    with pytest.raises(RefusedError):
        Store.open(tmp_path, "R1")


def test_a_relative_folder_stays_where_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with Store.open(Path("project"), "R1") as store:
        monkeypatch.chdir("/")
        record(store, 1)
    assert database(tmp_path / "project").exists()


def test_the_readers_of_a_project_are_those_who_have_a_file(tmp_path: Path) -> None:
    assert readers_in(tmp_path) == ()
    filled(tmp_path, 3, reader="R2")
    filled(tmp_path, 3)
    os.truncate(database(tmp_path), 50)
    Store.open(tmp_path, "R1").close()
    (tmp_path / "reviews" / "not a reader.sqlite").touch()
    assert len(aside(tmp_path)) == 1
    assert readers_in(tmp_path) == ("R1", "R2")


def test_a_name_that_only_capitals_tell_from_another_readers_is_refused(tmp_path: Path) -> None:
    filled(tmp_path / "alone", 1, reader="anna")
    open_project(tmp_path / "named")
    change_project(open_project(tmp_path / "named"), {"first": "anna"})
    for name in ("alone", "named"):
        with pytest.raises(RefusedError, match="Write the reader name as anna"):
            Store.open(tmp_path / name, "Anna")
        Store.open(tmp_path / name, "anna").close()
        Store.open(tmp_path / name, "hanna").close()
        assert "Anna" not in readers_in(tmp_path / name)


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="both names are one file there")
def test_records_of_two_spellings_that_are_there_already_go_on(tmp_path: Path) -> None:
    filled(tmp_path, 1, reader="anna")
    filled(tmp_path / "other", 1, reader="Anna")
    shutil.copyfile(database(tmp_path / "other", "Anna"), database(tmp_path, "Anna"))
    with Store.open(tmp_path, "Anna") as store:
        assert not store.is_read_only
        record(store, 1)


def test_a_source_with_another_hash_is_another_case(tmp_path: Path) -> None:
    with Store.open(tmp_path, "R1") as store:
        store.rows.keep_run(RUN)
        store.rows.keep_run(replace(RUN, b=replace(MRI, sha256="c3" * 32)))
        assert len(store.rows.cases()) == 2


READS = """
import sqlite3, sys
with sqlite3.connect(sys.argv[1]) as connection:
    print(connection.execute("SELECT count(*) FROM events WHERE kind = 'registration'").fetchone()[0])
connection.close()
"""


@pytest.mark.skipif(os.name == "nt", reason="there an open file is not taken away")
def test_what_is_recorded_is_on_the_disk_though_another_program_looked_into_the_file_meanwhile(tmp_path: Path) -> None:
    def look() -> str:
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=60).stdout.strip()

    project = open_project(tmp_path)
    with Store.open(tmp_path, "R1") as store:
        path = tmp_path / "reviews" / "R1.sqlite"
        command = [sys.executable, "-c", READS, str(path)]
        for count, answer in enumerate(("aligned", "slight", "aligned"), 1):
            store.append("case-1", "run-1", "registration", {"answer": answer})
            verify_project(project)  # as the worklist does: closing what it read drops the locks of this process
            assert look() == str(count)
            assert verify_project(project)[0].is_sound
        copied = tmp_path / "copy" / "reviews"
        copied.mkdir(parents=True)
        for file in path.parent.glob("R1.sqlite*"):  # what is left of the program if it is killed now
            shutil.copyfile(file, copied / file.name)
    with Store.open(tmp_path / "copy", "R1") as store:
        assert [event.kind for event in store.events("case-1")] == ["registration"] * 3
