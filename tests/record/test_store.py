"""What was recorded stays recorded: on a full disk, after a crash, beside a second program, and in damaged files."""

import errno
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napari_refusion.record import recover
from napari_refusion.record.database import Records, fill_file
from napari_refusion.record.events import START, Event, Kind, digest, first_broken
from napari_refusion.record.project_folder import change_project, open_project
from napari_refusion.record.replay import replay
from napari_refusion.record.roster import readers_in
from napari_refusion.record.store import Store, merge
from napari_refusion.volume.finding import RefusedError
from tests.record.test_replay import SEQUENCE
from tests.recorded import MRI, RUN, at, examples, judged, runs_of, seen

CASE, RUN_ID = RUN.case_id, RUN.run_id


def database(folder: Path, reader: str = "R1") -> Path:
    return folder / "reviews" / f"{reader}.sqlite"


def record(store: Store, count: int, text: str = "x") -> list[Event]:
    return [store.append(CASE, RUN_ID, "comment", at(index, text=text)) for index in range(count)]


def filled(folder: Path, count: int = 20, text: str = "x", reader: str = "R1") -> tuple[Event, ...]:
    with Store.open(folder, reader) as store:
        store.remember_run(RUN)
        record(store, count, text)
        return store.all_events()


@contextmanager
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield the database as another program sees it that knows nothing of reviews."""
    with closing(sqlite3.connect(path)) as connection:
        yield connection
        connection.commit()


# --- what is recorded -----------------------------------------------------------------------------------------------


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


def test_what_is_remembered_comes_back(tmp_path: Path) -> None:
    other = replace(RUN, axis="coronal")
    moved = replace(RUN, a=replace(RUN.a, move={"matrix": [[1.0, 0.0, 0.0, 2.0]], "words": "shifted"}))
    with Store.open(tmp_path, "R1") as store:
        store.remember_case(CASE, {"words": "PET"})
        for run in (RUN, other, RUN, moved):
            store.remember_run(run)
        store.remember_case(CASE, {"words": "PET + MRI"})
        store.remember_case("case-2", {})
        store.remember_examination(RUN_ID, {"numbers": {"I2": [0.5, None]}})
        store.remember_examination(RUN_ID, {"numbers": {"I2": [0.25, None]}})
    with Store.open(tmp_path, "R1") as store:
        assert store.cases() == {CASE: {"words": "PET + MRI"}, "case-2": {}}
        assert runs_of(store, CASE) == (RUN, other, moved)
        assert [run.run_id for run in runs_of(store, CASE)] == [RUN_ID, other.run_id, moved.run_id]
        assert runs_of(store, "case-2") == ()
        assert store.examination(RUN_ID) == {"numbers": {"I2": [0.25, None]}}
        assert store.examination(other.run_id) is None
        assert store.all_events() == ()


def test_a_record_of_something_unknown_is_an_error_and_holds_nothing_up(tmp_path: Path) -> None:
    with Store.open(tmp_path, "R1") as store:
        with pytest.raises(ValueError, match="Record the case or the run first"):
            store.remember_examination("run-unknown", {})
        record(store, 1)
        assert store.unsaved == ()


def test_what_json_lacks_is_not_recorded(tmp_path: Path) -> None:
    with Store.open(tmp_path, "R1") as store:
        for payload in ({"x": float("nan")}, {"x": {1}}):
            with pytest.raises(ValueError):  # noqa: PT011 - the words are json's
                store.append(CASE, RUN_ID, "comment", payload)
            with pytest.raises(ValueError):  # noqa: PT011
                store.remember_case(CASE, payload)
        assert store.all_events() == store.unsaved == ()
        assert store.cases() == {}


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


def test_each_commit_is_forced_to_the_disk(tmp_path: Path) -> None:
    with Store.open(tmp_path, "R1") as store:
        connection = store._connection
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert connection.execute("PRAGMA synchronous").fetchone() == (2,)  # FULL
        assert connection.execute("PRAGMA foreign_keys").fetchone() == (1,)
        assert dict(connection.execute("SELECT name, value FROM meta"))["schema_version"] == "2"


@pytest.mark.parametrize("at_once", [1, 3])
def test_an_event_is_in_the_files_when_append_returns(tmp_path: Path, at_once: int) -> None:
    """The files are copied while the store is open: what only its memory held would be missing."""
    with Store.open(tmp_path, "R1") as store:
        for attempt in range(5):
            record(store, at_once)
            copy = tmp_path / f"copy{attempt}"
            shutil.copytree(tmp_path / "reviews", copy / "reviews", ignore=shutil.ignore_patterns("*-shm", "*.lock"))
            with Store.open(copy, "R1") as other:
                assert other.all_events() == store.all_events()
                assert other.findings == ()


def test_recording_takes_less_than_50_ms(tmp_path: Path) -> None:
    with Store.open(tmp_path, "R1") as store:
        seconds = []
        for index in range(100):
            begun = time.perf_counter()
            store.append(CASE, RUN_ID, *judged(index, "flag", "step"))
            seconds.append(time.perf_counter() - begun)
    assert statistics.median(seconds) < 0.05


def test_what_sources_and_files_are_called_is_not_in_the_database(tmp_path: Path) -> None:
    folder = tmp_path / "MEIER ANNA"
    filled(folder)
    with Store.open(folder, "R1"):
        for path in (folder / "reviews").iterdir():
            assert b"MEIER" not in path.read_bytes()


# --- closing and opening --------------------------------------------------------------------------------------------


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


# --- a second program -----------------------------------------------------------------------------------------------

PROGRAM = """
import sys, time
from pathlib import Path
from napari_refusion.record.store import Store
store = Store.open(Path(sys.argv[1]), "R1")
store.append("case-1", "run-1", "open", {})
print(store.lock_owner or "writes", flush=True)
sys.stdin.readline()
"""


@contextmanager
def another_program(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """Yield a program that has the store of R1 open; it is killed at the end."""
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
    with subprocess.Popen([sys.executable, "-c", PROGRAM, str(folder)], text=True, **pipes) as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "writes\n"
        yield program
        program.kill()


def test_a_second_store_of_a_reader_can_only_be_read_and_names_the_first(tmp_path: Path) -> None:
    with Store.open(tmp_path, "R1") as first:
        record(first, 3)
        with Store.open(tmp_path, "R1") as second:
            assert second.is_read_only
            assert f"process {os.getpid()}, since 20" in second.lock_owner
            assert second.all_events() == first.all_events()
            assert [finding.level for finding in second.findings] == ["warn"]
            with pytest.raises(RefusedError, match=rf"process {os.getpid()}.*Nothing you do is recorded"):
                second.append(CASE, RUN_ID, "undo", {})
            with pytest.raises(RefusedError, match="Nothing you do is recorded"):
                second.remember_case(CASE, {})
            assert second.all_events() == first.all_events()
        record(first, 1)
    with Store.open(tmp_path, "R1") as third:
        assert not third.is_read_only
        assert len(third.all_events()) == 4


def test_a_store_that_another_program_has_open_names_it_and_is_free_as_soon_as_that_is_killed(tmp_path: Path) -> None:
    with another_program(tmp_path) as program:
        with Store.open(tmp_path, "R1") as store:
            assert f"process {program.pid}," in store.lock_owner
            assert store.is_read_only
            assert len(store.all_events()) == 1
        program.kill()
        program.wait()
        with Store.open(tmp_path, "R1") as store:
            assert (store.is_read_only, store.lock_owner, store.findings) == (False, "", ())
            record(store, 1)
            assert len(store.all_events()) == 2


def test_a_holder_whose_words_are_missing_or_broken_is_another_program(tmp_path: Path) -> None:
    with Store.open(tmp_path, "R1"):
        for words in ("", "[]", "{}", None):
            path = tmp_path / "reviews" / "R1.holder"
            path.unlink(missing_ok=True) if words is None else path.write_text(words)
            with Store.open(tmp_path, "R1") as second:
                assert second.lock_owner == "another program"
                assert second.is_read_only


def test_a_store_opened_to_be_read_leaves_it_to_the_other_to_write(tmp_path: Path) -> None:
    before = filled(tmp_path)
    with Store.open(tmp_path, "R1", read_only=True) as looking, Store.open(tmp_path, "R1") as writing:
        assert looking.is_read_only
        assert not writing.is_read_only
        assert (looking.lock_owner, looking.findings) == ("", ())
        assert looking.all_events() == before
        assert runs_of(looking, CASE) == (RUN,)
    with Store.open(tmp_path, "R2", read_only=True) as nothing:
        assert nothing.all_events() == ()
    assert not database(tmp_path, "R2").exists()


# --- full disks, locked folders -------------------------------------------------------------------------------------


class Failing:
    """A connection on which commits fail."""

    def __init__(self, connection: sqlite3.Connection, code: int) -> None:
        self._connection = connection
        self._code: int | None = code

    def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:  # noqa: ANN401
        if self._code and statement == "COMMIT":
            error = sqlite3.OperationalError("told to fail")
            error.sqlite_errorcode = self._code
            raise error
        return self._connection.execute(statement, *values)

    def __getattr__(self, name: str) -> object:
        return getattr(self._connection, name)

    def recover(self) -> None:
        self._code = None


FAILURES = {
    sqlite3.SQLITE_FULL: "disk is full: make room",
    sqlite3.SQLITE_READONLY: "no permission to write there",
    sqlite3.SQLITE_IOERR: "the disk or the connection to it failed",
    sqlite3.SQLITE_IOERR | (4 << 8): "the disk or the connection to it failed",  # IOERR_FSYNC
    sqlite3.SQLITE_BUSY: "another program has locked it",
    sqlite3.SQLITE_CORRUPT: "damaged",
}


@pytest.mark.parametrize("code", FAILURES)
def test_an_event_that_cannot_be_written_is_said_so_kept_and_written_later(tmp_path: Path, code: int) -> None:
    with Store.open(tmp_path, "R1") as store:
        before = record(store, 2)
        failing = Failing(store._connection, code)
        store._connection = failing  # type: ignore[assignment]
        store.remember_run(RUN)
        for index in (7, 8):
            with pytest.raises(RefusedError, match=rf"R1.sqlite.*{FAILURES[code]}.*kept in memory.*saved elsewhere"):
                store.append(CASE, RUN_ID, *judged(index, "accept"))
        assert [event.payload["index"] for event in store.unsaved] == [7, 8]
        assert store.all_events() == (*before, *store.unsaved)
        assert store.events(CASE) == store.all_events()
        assert store.events("case-2") == ()
        assert first_broken(store.chain()) is None
        assert store.chain_head == store.unsaved[-1].hash
        with Store.open(tmp_path, "R1", read_only=True) as disk:
            assert disk.all_events() == tuple(before)
        failing.recover()
        store.append(CASE, RUN_ID, *judged(9, "accept"))
        assert store.unsaved == ()
        everything = store.all_events()
    with Store.open(tmp_path, "R1") as store:
        assert store.all_events() == everything
        assert [event.payload["index"] for event in everything] == [0, 1, 7, 8, 9]
        assert runs_of(store, CASE) == (RUN,)


def test_a_commit_that_was_reported_as_failed_but_reached_the_disk_is_no_second_event(tmp_path: Path) -> None:
    class Lying(Failing):
        def execute(self, statement: str, *values: Any) -> sqlite3.Cursor:  # noqa: ANN401
            if statement == "COMMIT":
                self._connection.execute(statement)
            return super().execute(statement, *values)

    with Store.open(tmp_path, "R1") as store:
        real = store._connection
        store._connection = Lying(real, sqlite3.SQLITE_IOERR)  # type: ignore[assignment]
        with pytest.raises(RefusedError):
            store.append(CASE, RUN_ID, "open", {})
        store._connection = real
        store.append(CASE, RUN_ID, "undo", {})
        assert [event.kind for event in store.all_events()] == ["open", "undo"]
    with Store.open(tmp_path, "R1") as store:
        assert store.findings == ()


def test_a_store_with_unsaved_events_does_not_close_unless_told_to(tmp_path: Path) -> None:
    store = Store.open(tmp_path, "R1")
    store._connection = Failing(store._connection, sqlite3.SQLITE_FULL)  # type: ignore[assignment]
    with pytest.raises(RefusedError, match="full"):
        store.append(CASE, RUN_ID, "open", {})
    with pytest.raises(RefusedError, match="full"):
        store.close()
    assert len(store.unsaved) == 1
    store.save_elsewhere(tmp_path / "elsewhere.sqlite")
    store.close(discard=True)
    with Store.open(tmp_path, "R1") as again:
        assert not again.is_read_only
        assert again.all_events() == ()


def test_what_could_not_be_written_can_be_saved_elsewhere_and_opened_there(tmp_path: Path) -> None:
    other = tmp_path / "other disk"
    (other / "reviews").mkdir(parents=True)
    store = Store.open(tmp_path, "R1")
    record(store, 3)
    store._connection = Failing(store._connection, sqlite3.SQLITE_FULL)  # type: ignore[assignment]
    store.remember_run(RUN)
    for index in range(2):
        with pytest.raises(RefusedError):
            store.append(CASE, RUN_ID, *seen(index))
    with pytest.raises(RefusedError, match="never overwritten"):
        store.save_elsewhere(database(tmp_path))
    with pytest.raises(RefusedError, match="folder does not exist"):
        store.save_elsewhere(tmp_path / "no" / "R1.sqlite")
    store.save_elsewhere(database(other))
    everything = store.all_events()
    store.close(discard=True)
    assert [path.name for path in (other / "reviews").iterdir()] == ["R1.sqlite"]
    with Store.open(other, "R1") as store:
        assert store.all_events() == everything
        assert (len(everything), store.findings, store.is_read_only) == (5, (), False)
        assert runs_of(store, CASE) == (RUN,)
        assert store.view(CASE) == {"axis": "axial", "index": 1}
        store.append(CASE, RUN_ID, "undo", {})


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """Yield a disk of its own in a folder; skip where none can be made."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if sys.platform != "linux" or subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip("needs to mount a small disk")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


def fill_up(disk: Path) -> Path:
    """Return the file that takes all the room that was left on a disk."""
    ballast = disk / "ballast"
    with suppress(OSError), ballast.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(512))
    return ballast


def test_on_a_full_disk_the_review_goes_on_in_memory_and_is_whole_in_the_end(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "1m") as disk:
        store = Store.open(disk, "R1")
        record(store, 5)
        ballast = fill_up(disk)
        with pytest.raises(RefusedError, match="disk is full"):
            record(store, 1000, "x" * 3000)  # the log has some room left
        before = list(store.all_events())
        for _ in range(3):
            with pytest.raises(RefusedError, match="disk is full"):
                store.append(CASE, RUN_ID, "comment", at(1, text="y" * 9000))
        assert len(store.unsaved) == 4
        before.extend(store.unsaved[1:])
        assert store.events(CASE) == tuple(before)
        with Store.open(disk, "R1", read_only=True) as written:
            assert written.all_events() == tuple(before[:-4])
        with pytest.raises(RefusedError, match="disk is full"):
            store.save_elsewhere(disk / "copy.sqlite")
        assert not (disk / "copy.sqlite").exists()
        store.save_elsewhere(tmp_path / "elsewhere.sqlite")
        ballast.unlink()
        before.append(store.append(CASE, RUN_ID, "undo", {}))
        store.close()
        with Store.open(disk, "R1") as store:
            assert store.all_events() == tuple(before)
            assert store.findings == ()


def test_a_review_on_a_full_disk_can_be_looked_at(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "1m") as disk:
        before = filled(disk, 3)
        ballast = fill_up(disk)
        with Store.open(disk, "R1") as store:
            assert store.all_events() == before
            assert store.is_read_only
            assert "disk is full" in store.findings[0].sentence
        with pytest.raises(RefusedError, match="disk is full"):
            Store.open(disk, "R2")
        ballast.unlink()
        with Store.open(disk, "R1") as store:
            assert not store.is_read_only


def test_a_disk_that_can_only_be_read_shows_its_reviews(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", "4m") as disk:
        before = filled(disk, 3)
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        with Store.open(disk, "R1") as store:
            assert store.all_events() == before
            assert store.is_read_only
            assert "is read-only" in store.findings[0].sentence
            with pytest.raises(RefusedError, match="is read-only"):
                store.append(CASE, RUN_ID, "undo", {})
            (tmp_path / "reviews").mkdir()
            store.save_elsewhere(database(tmp_path))
        with pytest.raises(RefusedError, match="is read-only"):
            Store.open(disk, "R2")
    with Store.open(tmp_path, "R1") as store:
        assert store.all_events() == before


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_locked_folder_shows_its_reviews(tmp_path: Path) -> None:
    before = filled(tmp_path, 3)
    (tmp_path / "reviews" / "R1.lock").unlink(missing_ok=True)
    (tmp_path / "reviews").chmod(0o500)
    with Store.open(tmp_path, "R1") as store:
        assert store.all_events() == before
        assert store.is_read_only
    with pytest.raises(RefusedError, match="no permission"):
        Store.open(tmp_path, "R2")


LIMITED = """
import resource, signal, sys
from pathlib import Path
from napari_refusion.record.store import Store
from napari_refusion.volume.finding import RefusedError
store = Store.open(Path(sys.argv[1]), "R1")
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
written = 0
try:
    while True:
        store.append("case-1", "run-1", "comment", {"text": "x" * 2000})
        written += 1
except RefusedError as error:
    print(error)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
assert len(store.unsaved) == 1
store.close()
print(written)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits on the size of files")
def test_a_write_that_the_system_refuses_loses_nothing(tmp_path: Path) -> None:
    command = [sys.executable, "-c", LIMITED, str(tmp_path)]
    result = subprocess.run(command, capture_output=True, text=True, check=True)
    sentence, written = result.stdout.splitlines()
    assert "R1.sqlite cannot be written" in sentence
    assert int(written) > 3
    with Store.open(tmp_path, "R1") as store:
        assert len(store.all_events()) == int(written) + 1
        assert store.findings == ()


@pytest.mark.skipif(sys.platform == "win32", reason="an open file stays where it is there")
def test_a_file_that_is_taken_away_while_it_is_open_is_noticed(tmp_path: Path) -> None:
    store = Store.open(tmp_path, "R1")
    record(store, 2)
    away = tmp_path / "away.sqlite"
    database(tmp_path).rename(away)
    with pytest.raises(RefusedError, match="moved or deleted"):
        record(store, 1)
    with pytest.raises(RefusedError, match="moved or deleted"):
        store.close()
    store.save_elsewhere(tmp_path / "copy.sqlite")
    away.rename(database(tmp_path))
    record(store, 1)
    assert (len(store.all_events()), store.unsaved) == (4, ())
    store.close()


# --- damage ---------------------------------------------------------------------------------------------------------


def overwrite(path: Path, place: float, length: int) -> None:
    """Overwrite a part of a file with noise, from a share of its length on."""
    content = bytearray(path.read_bytes())
    begin = int(len(content) * place)
    noise = bytes((7 * index + 3) % 256 for index in range(length))
    content[begin : begin + length] = noise[: max(0, len(content) - begin)]
    path.write_bytes(content)


def put_another_database(path: Path) -> None:
    path.unlink()
    with raw(path) as connection:
        connection.execute("CREATE TABLE x(y)")


def aside(folder: Path) -> list[Path]:
    return sorted((folder / "reviews").glob("R1.damaged-*.sqlite"))


DAMAGES: dict[str, Callable[[Path], object]] = {
    "header overwritten": lambda path: overwrite(path, 0.0, 100),
    "first page overwritten": lambda path: overwrite(path, 0.0, 4096),
    "middle overwritten": lambda path: overwrite(path, 0.5, 8192),
    "end overwritten": lambda path: overwrite(path, 0.9, 100_000),
    "truncated in the middle": lambda path: os.truncate(path, path.stat().st_size // 2),
    "truncated within a page": lambda path: os.truncate(path, path.stat().st_size - 1000),
    "truncated to its first page": lambda path: os.truncate(path, 4096),
    "truncated to 50 bytes": lambda path: os.truncate(path, 50),
    "empty": lambda path: os.truncate(path, 0),
    "another file": lambda path: path.write_bytes(b"Dear colleague, " * 1000),
    "another database": put_another_database,
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_file_is_kept_and_all_sound_events_before_the_damage_go_on(tmp_path: Path, damage: str) -> None:
    before = filled(tmp_path, 60, "x" * 500)
    DAMAGES[damage](database(tmp_path))
    damaged = database(tmp_path).read_bytes()
    with Store.open(tmp_path, "R1", read_only=True) as looking:
        assert [finding.level for finding in looking.findings] == ["warn"]
        assert looking.all_events() == before[: len(looking.all_events())]
    assert database(tmp_path).read_bytes() == damaged
    with Store.open(tmp_path, "R1") as store:
        found = store.all_events()
        assert found == before[: len(found)]
        assert not store.is_read_only
        assert [finding.level for finding in store.findings] == ["warn"]
        assert [path.read_bytes() for path in aside(tmp_path)] == [damaged]
        assert aside(tmp_path)[0].name in store.findings[0].sentence
        assert store.findings[0].value == f"{len(found)} recovered"
        record(store, 2)
    with Store.open(tmp_path, "R1") as store:
        assert store.findings == ()
        assert len(store.all_events()) == len(found) + 2
        assert first_broken(store.chain()) is None
        if found:
            assert damage in (
                "middle overwritten",
                "end overwritten",
                "truncated in the middle",
                "truncated within a page",
            )
        if damage == "truncated within a page":
            assert len(found) > 30
            assert runs_of(store, CASE) == (RUN,)


def test_damage_anywhere_never_shows_a_wrong_event(tmp_path: Path) -> None:
    """Wherever a sector is lost, the events that are shown are the first ones that were recorded, or it says so."""
    before = filled(tmp_path / "sound", 40, "x" * 300)
    size = database(tmp_path / "sound").stat().st_size
    outcomes = set()
    for place in range(0, size, 2048):
        folder = tmp_path / str(place)
        shutil.copytree(tmp_path / "sound", folder)
        overwrite(database(folder), place / size, 512)
        with Store.open(folder, "R1") as store:
            found = store.all_events()
            assert found == before[: len(found)]
            if len(found) < len(before):
                assert store.findings
            outcomes.add((bool(store.findings), store.is_read_only))
    assert {(True, False)} <= outcomes


def test_a_log_that_a_power_cut_tore_anywhere_leaves_the_events_before(tmp_path: Path) -> None:
    with Store.open(tmp_path / "live", "R1") as store:
        said = [store.append(CASE, RUN_ID, "comment", at(index, text="x" * 200)) for index in range(12)]
        shutil.copytree(tmp_path / "live", tmp_path / "cut", ignore=shutil.ignore_patterns("*-shm", "*.lock"))
    log = tmp_path / "cut" / "reviews" / "R1.sqlite-wal"
    whole, counts = log.read_bytes(), []
    for place, end in enumerate(range(len(whole), 0, -3001)):
        folder = tmp_path / f"cut{place}"
        shutil.copytree(tmp_path / "cut", folder)
        torn = folder / "reviews" / "R1.sqlite-wal"
        torn.write_bytes(whole[:end] + bytes(500))
        with Store.open(folder, "R1") as store:
            counts.append(len(store.all_events()))
            assert store.all_events() == tuple(said[: counts[-1]])
            assert store.findings == ()
            store.append(CASE, RUN_ID, "undo", {})
    assert counts[0] == 12
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] < 3


def test_a_damaged_file_with_a_log_is_kept_with_its_log(tmp_path: Path) -> None:
    with Store.open(tmp_path / "live", "R1") as store:
        record(store, 10)
        shutil.copytree(tmp_path / "live", tmp_path / "crashed", ignore=shutil.ignore_patterns("*-shm", "*.lock"))
    folder = tmp_path / "crashed"
    path, log = database(folder), folder / "reviews" / "R1.sqlite-wal"
    log.write_bytes(log.read_bytes()[:32] + bytes(100))
    overwrite(path, 0.0, 100)
    contents = path.read_bytes(), log.read_bytes()
    with Store.open(folder, "R1") as store:
        assert store.findings
        kept = aside(folder)[0]
        assert (kept.read_bytes(), kept.with_name(kept.name + "-wal").read_bytes()) == contents
        record(store, 1)
    with Store.open(folder, "R1") as store:
        assert len(store.all_events()) == 1


def test_a_crash_while_a_damaged_file_is_replaced_loses_nothing_of_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(tmp_path, 60, "x" * 500)
    overwrite(database(tmp_path), 0.9, 100_000)
    damaged = database(tmp_path).read_bytes()

    def fail(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(recover, "fill_file", fail)
    with Store.open(tmp_path, "R1") as store:
        assert store.is_read_only
        assert "disk is full" in store.findings[0].sentence
        count = len(store.all_events())
    assert database(tmp_path).read_bytes() == damaged
    monkeypatch.undo()
    with Store.open(tmp_path, "R1") as store:
        assert len(store.all_events()) == count > 0
        assert not store.is_read_only


BEFORE = 3
"""Events of `filled` before the first comment: the file was made, a case and a run were recorded."""

TAMPERING = {
    "changed": ("UPDATE events SET payload_json = replace(payload_json, 'x', 'y') WHERE seq = 7", 3),
    "changed, no JSON": ("UPDATE events SET payload_json = 'x' WHERE seq = 7", 3),
    "changed, no object": ("UPDATE events SET payload_json = '[]' WHERE seq = 7", 3),
    "changed, bytes": ("UPDATE events SET payload_json = x'ff00' WHERE seq = 7", 3),
    "changed, no text": ("UPDATE events SET hash = CAST(x'ff' AS TEXT) WHERE seq = 7", 3),
    "another time": ("UPDATE events SET utc = '2020-01-01T00:00:00.000+00:00' WHERE seq = 4", 0),
    "another reader": ("UPDATE events SET reader = 'R2' WHERE seq = 5", 1),
    "taken out": ("DELETE FROM events WHERE seq = 7", 3),
    "taken off the end": ("DELETE FROM events WHERE seq > 7", 4),
    "all taken out": ("DELETE FROM events", 0),
    "order changed": ("UPDATE events SET seq = 100 WHERE seq = 5", 1),
    "table gone": ("DROP TABLE events", 0),
}


@pytest.mark.parametrize("how", TAMPERING)
def test_an_altered_event_blocks_the_store_and_only_the_events_before_it_are_shown(tmp_path: Path, how: str) -> None:
    before = filled(tmp_path, 6)
    statement, place = TAMPERING[how]
    with raw(database(tmp_path)) as connection:
        for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'").fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
    altered = database(tmp_path).read_bytes()
    with Store.open(tmp_path, "R1") as store:
        assert store.is_read_only
        assert [finding.level for finding in store.findings] == ["block"]
        expected = {
            "taken off the end": "expected 9 events, found 7",
            "all taken out": "expected 9 events, found 0",
            "table gone": "expected the events, found none",
        }.get(how, f"Event {place + BEFORE + 1} ")
        assert expected in store.findings[0].sentence
        assert store.all_events() == before[:place]
        with pytest.raises(RefusedError, match=expected):
            store.append(CASE, RUN_ID, "undo", {})
        with pytest.raises(RefusedError, match=expected):
            merge([store])
    assert database(tmp_path).read_bytes() == altered
    assert aside(tmp_path) == []


def test_the_whole_chain_recomputed_is_not_seen() -> None:
    """Evidence of tampering, no protection from it; see `record.events`."""
    event = Event("id", CASE, RUN_ID, "R1", "2026", "undo", {}, START, "")
    assert first_broken([replace(event, hash=digest(event))]) is None


def test_an_older_copy_of_a_file_in_its_place_is_said_at_the_next_opening(tmp_path: Path) -> None:
    filled(tmp_path, 2)
    shutil.copyfile(database(tmp_path), tmp_path / "copy.sqlite")
    with Store.open(tmp_path, "R1") as store:
        assert store.findings == ()
        record(store, 1)
        head = store.chain_head
    shutil.copyfile(tmp_path / "copy.sqlite", database(tmp_path))
    with Store.open(tmp_path, "R1") as store:
        [finding] = store.findings
        assert (finding.level, finding.rule, finding.value) == ("warn", "altered review", head[:12])
        assert not store.is_read_only
        record(store, 1)
    with Store.open(tmp_path, "R1") as store:
        assert store.findings == ()


def test_the_file_of_another_reader_under_ones_own_name_is_only_read(tmp_path: Path) -> None:
    filled(tmp_path, 3, reader="R2")
    database(tmp_path, "R2").rename(database(tmp_path))
    with Store.open(tmp_path, "R1") as store:
        assert store.is_read_only
        assert "belongs to the reader R2" in store.findings[0].sentence


def test_a_file_of_a_newer_version_is_refused_and_left_alone(tmp_path: Path) -> None:
    write_events(tmp_path, "R1", ["2026-01-05"])
    with raw(database(tmp_path)) as connection:
        connection.execute("UPDATE meta SET value = '3' WHERE name = 'schema_version'")
    before = database(tmp_path).read_bytes()
    with pytest.raises(RefusedError, match="newer version"):
        Store.open(tmp_path, "R1")
    assert database(tmp_path).read_bytes() == before


# --- names and places -----------------------------------------------------------------------------------------------


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


# --- several readers ------------------------------------------------------------------------------------------------


def write_events(folder: Path, reader: str, times: list[str]) -> list[Event]:
    """Write the file of a reader whose events happened at given times."""
    events: list[Event] = []
    for place, utc in enumerate(times):
        previous = events[-1].hash if events else START
        draft = Event(f"{reader}-{place}", CASE, RUN_ID, reader, utc, "undo", {}, previous, "")
        events.append(replace(draft, hash=digest(draft)))
    (folder / "reviews").mkdir(exist_ok=True)
    fill_file(database(folder, reader), reader, Records(tuple(events), version=1))
    return events


def merged(folder: Path, *readers: str) -> list[str]:
    stores = [Store.open(folder, reader, read_only=True) for reader in readers]
    found = merge(stores)
    for store in stores:
        store.close()
    return [event.event_id for event in found]


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


def test_merging_is_ordered_by_time_reader_and_place(tmp_path: Path) -> None:
    write_events(tmp_path, "R1", ["2026-01-01", "2026-01-03", "2026-01-03", "2026-01-05"])
    write_events(tmp_path, "R2", ["2026-01-02", "2026-01-03", "2026-01-06"])
    expected = ["R1-0", "R2-0", "R1-1", "R1-2", "R2-1", "R1-3", "R2-2"]
    assert merged(tmp_path, "R1", "R2") == merged(tmp_path, "R2", "R1") == expected
    assert merged(tmp_path, "R1", "R2", "R1") == expected
    assert merged(tmp_path) == []


def test_a_clock_that_was_put_back_does_not_change_the_order_in_which_a_reader_acted(tmp_path: Path) -> None:
    write_events(tmp_path, "R1", ["2026-01-05", "2026-01-01", "2026-01-06"])
    write_events(tmp_path, "R2", ["2026-01-02"])
    assert merged(tmp_path, "R1", "R2") == ["R2-0", "R1-0", "R1-1", "R1-2"]


@examples(40, 1000)
@given(days=st.tuples(*[st.lists(st.integers(1, 9), max_size=12)] * 3))
def test_merging_is_the_exact_union_and_keeps_each_readers_order(
    tmp_path_factory: pytest.TempPathFactory, days: tuple[list[int], ...]
) -> None:
    folder, expected = tmp_path_factory.mktemp("merge"), []
    readers = [f"R{number}" for number in range(3)]
    for reader, own in zip(readers, days, strict=True):
        expected += [event.event_id for event in write_events(folder, reader, [f"2026-01-0{day}" for day in own])]
    found = merged(folder, *readers)
    assert sorted(found) == sorted(expected)
    for reader in readers:
        own_order = [one for one in expected if one.startswith(reader)]
        assert [one for one in found if one.startswith(reader)] == own_order
    shutil.rmtree(folder)


def test_two_copies_of_a_file_that_went_on_apart_are_united(tmp_path: Path) -> None:
    filled(tmp_path / "one", 3)
    shutil.copytree(tmp_path / "one", tmp_path / "two")
    with Store.open(tmp_path / "one", "R1") as one, Store.open(tmp_path / "two", "R1") as two:
        record(one, 2)
        record(two, 1)
        found = merge([one, two])
        assert {event.event_id for event in found} == {event.event_id for event in one.all_events() + two.all_events()}
        assert len(found) == 6
        assert found[:3] == one.all_events()[:3]


def test_one_identity_with_two_contents_is_refused(tmp_path: Path) -> None:
    write_events(tmp_path, "R1", ["2026-01-01"])
    (tmp_path / "other").mkdir()
    write_events(tmp_path / "other", "R1", ["2026-01-02"])
    with Store.open(tmp_path, "R1") as one, Store.open(tmp_path / "other", "R1") as other:
        stores = [one, other]
        with pytest.raises(RefusedError, match="differs between two files"):
            merge(stores)


def test_unsaved_events_are_merged_as_well(tmp_path: Path) -> None:
    store = Store.open(tmp_path, "R1")
    store._connection = Failing(store._connection, sqlite3.SQLITE_FULL)  # type: ignore[assignment]
    with pytest.raises(RefusedError):
        store.append(CASE, RUN_ID, "open", {})
    assert merge([store]) == store.unsaved
    store.close(discard=True)


def test_a_source_with_another_hash_is_another_case(tmp_path: Path) -> None:
    with Store.open(tmp_path, "R1") as store:
        store.remember_run(RUN)
        store.remember_run(replace(RUN, b=replace(MRI, sha256="c3" * 32)))
        assert len(store.cases()) == 2
