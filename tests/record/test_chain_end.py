"""What is added to a chain is on the disk, or waits until it can be written: full disks, files that are taken away."""

import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from napari_refusion.record.events import first_broken
from napari_refusion.record.store import Store
from napari_refusion.volume.finding import RefusedError
from tests.record.reader_files import CASE, RUN_ID, Failing, database, filled, record
from tests.recorded import RUN, at, judged, runs_of, seen


def test_each_commit_is_forced_to_the_disk(tmp_path: Path) -> None:
    with Store.open(tmp_path, "R1") as store:
        connection = store._end.connection
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
        failing = Failing(store._end.connection, code)
        store._end.connection = failing  # type: ignore[assignment]
        store.rows.keep_run(RUN)
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
        real = store._end.connection
        store._end.connection = Lying(real, sqlite3.SQLITE_IOERR)  # type: ignore[assignment]
        with pytest.raises(RefusedError):
            store.append(CASE, RUN_ID, "open", {})
        store._end.connection = real
        store.append(CASE, RUN_ID, "undo", {})
        assert [event.kind for event in store.all_events()] == ["open", "undo"]
    with Store.open(tmp_path, "R1") as store:
        assert store.findings == ()


def test_a_store_with_unsaved_events_does_not_close_unless_told_to(tmp_path: Path) -> None:
    store = Store.open(tmp_path, "R1")
    store._end.connection = Failing(store._end.connection, sqlite3.SQLITE_FULL)  # type: ignore[assignment]
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
    store._end.connection = Failing(store._end.connection, sqlite3.SQLITE_FULL)  # type: ignore[assignment]
    store.rows.keep_run(RUN)
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
