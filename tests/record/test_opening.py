"""Opening a reader's file: never two programs to write, and none that was altered or is of another reader."""

import errno
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from napari_refusion.record.store import Store
from napari_refusion.record.union import united
from napari_refusion.volume.finding import RefusedError
from tests.record.reader_files import CASE, RUN_ID, aside, database, filled, raw, record, write_events
from tests.recorded import RUN, runs_of

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
                second.rows.keep_case(CASE, {})
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


def test_a_copy_that_a_virus_scanner_holds_does_not_keep_a_review_from_being_opened(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On Windows the copy that was looked into cannot be removed as long as it is held."""
    with Store.open(tmp_path, "R1") as store:
        store.append(CASE, RUN_ID, "open", {})
    unlink = os.unlink

    def held(path: str, **options: int) -> None:
        if str(path).endswith("copy.sqlite"):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), path)
        unlink(path, **options)

    monkeypatch.setattr(os, "unlink", held)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with Store.open(tmp_path, "R1", read_only=True) as store:
        assert [event.kind for event in store.events(CASE)] == ["open"]


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
            united([store])
    assert database(tmp_path).read_bytes() == altered
    assert aside(tmp_path) == []


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
