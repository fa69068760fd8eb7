"""Projects of older versions open unchanged, are sound, and say what their chain does not cover."""

import sqlite3
from contextlib import closing
from pathlib import Path

from napari_refusion.cohort.progress import project_progress
from napari_refusion.record.project_folder import open_project
from napari_refusion.record.store import Store
from napari_refusion.record.verify import Verified, verify_project
from tests.record.old import old_project
from tests.recorded import RUN


def verified(folder: Path) -> Verified:
    [found] = verify_project(open_project(folder, create=False))
    return found


def dumped(folder: Path) -> list[str]:
    with closing(sqlite3.connect(folder / "reviews" / "R1.sqlite")) as connection:
        return list(connection.iterdump())


def test_an_old_record_is_sound_and_says_what_is_not_covered(tmp_path: Path) -> None:
    folder = old_project(tmp_path / "old")
    before = (folder / "reviews" / "R1.sqlite").read_bytes()
    found = verified(folder)
    assert (found.state, found.events, found.faults) == ("sound", 10, ())
    assert "no event covers 2 cases, 2 runs, 2 examinations" in found.notes[0]
    assert (folder / "reviews" / "R1.sqlite").read_bytes() == before
    assert {one.status for one in project_progress(open_project(folder)).values()} == {"read"}


def test_an_old_record_is_continued_as_it_is_and_covered_from_then_on(tmp_path: Path) -> None:
    folder = old_project(tmp_path / "old")
    before = [line for line in dumped(folder) if "INSERT" in line and "sequence" not in line]
    with Store.open(folder, "R1") as store:
        assert store.findings == ()
        assert store.view(RUN.case_id) == {"axis": "axial", "index": 2}
        store.rows.keep_case(RUN.case_id, {"place": "", "words": RUN.words})
        store.rows.keep_run(RUN)
        store.append(RUN.case_id, RUN.run_id, "export", {"kinds": []})
        assert len(store.all_events()) == 11
    after = dumped(folder)
    assert all(line in after for line in before)
    found = verified(folder)
    assert (found.state, found.events) == ("sound", 11)
    assert "no event covers 1 case, 1 run, 2 examinations" in found.notes[0]
    assert list(open_project(folder).roster) == ["R1"]


def test_what_an_old_chain_covers_is_found_when_it_is_edited(tmp_path: Path) -> None:
    edits = {
        "an event": "UPDATE events SET payload_json = replace(payload_json, 'usable', 'not_usable')",
        "the last event": "DELETE FROM events WHERE seq = 10",
        "the last event, counter reset": "DELETE FROM events WHERE seq = 10;"
        "UPDATE sqlite_sequence SET seq = 9 WHERE name = 'events'",
        "a window": "UPDATE runs SET record_json = replace(record_json, '910.0', '91.0')",
        "the case of a run": "UPDATE runs SET case_id = 'case-0'",
        "a trigger": "CREATE TRIGGER more AFTER INSERT ON events BEGIN DELETE FROM views; END",
        "the reader": "UPDATE meta SET value = 'R9' WHERE name = 'reader'",
        "the format": "UPDATE meta SET value = '2' WHERE name = 'schema_version'",
    }
    for name, statements in edits.items():
        folder = old_project(tmp_path / name)
        with closing(sqlite3.connect(folder / "reviews" / "R1.sqlite")) as connection:
            triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            taken = "".join(f"DROP TRIGGER {one};" for one, _ in triggers)
            put = "".join(f"{sql};" for _, sql in triggers)
            connection.executescript(f"{taken}{statements};{put}")
        assert verified(folder).state == "altered", name


def test_a_damaged_old_record_is_recovered_as_an_old_one(tmp_path: Path) -> None:
    folder = old_project(tmp_path / "old")
    path = folder / "reviews" / "R1.sqlite"
    with closing(sqlite3.connect(path)) as connection:
        [page] = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'events_of_a_case'").fetchone()
    content = bytearray(path.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = bytes(4096)
    path.write_bytes(content)
    assert verified(folder).state == "damaged"
    with Store.open(folder, "R1") as store:
        assert len(store.all_events()) == 10
        assert store.rows.cases()
    found = verified(folder)
    assert found.state == "damaged"
    assert "found one of which 10 events were left" in found.faults[0]
