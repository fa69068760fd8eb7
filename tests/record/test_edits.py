"""Every edit of a reader's file that is not a chain computed anew is found, and no broken byte is passed over."""

import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from napari_refusion.cohort.progress import project_progress
from napari_refusion.cohort.summary import write_summary
from napari_refusion.record.coverage import coverage
from napari_refusion.record.export import export_review
from napari_refusion.record.project_folder import open_project
from napari_refusion.record.replay import replay
from napari_refusion.record.run import Run
from napari_refusion.record.store import Store
from napari_refusion.record.verify import Verified, verify_project
from tests.recorded import IS_THOROUGH, RUN, judged, seen

OTHER = replace(RUN, a=replace(RUN.a, sha256="c3" * 32), weights_sha256="beef" * 16)

COLUMNS = {
    "meta": ("name", "value"),
    "cases": ("case_id", "created_utc", "record_json"),
    "runs": ("run_id", "case_id", "record_json", "started_utc"),
    "examinations": ("run_id", "content_json"),
    "events": ("seq", "event_id", "case_id", "run_id", "reader", "utc", "kind", "payload_json", "previous", "hash"),
    "sqlite_sequence": ("name", "seq"),
}
"""Every table with every column."""


def review(folder: Path, reader: str, runs: tuple[Run, ...] = (RUN, OTHER)) -> None:
    """Let a reader read two cases, with an exported copy of the first; the second has no verdict yet."""
    project = open_project(folder)
    with Store.open(folder, reader) as store:
        for run in runs:
            store.rows.keep_case(run.case_id, {"place": "ab" * 32, "words": run.words})
            store.rows.keep_run(run)
            store.append(run.case_id, run.run_id, "open", {"version": "1"})
            flagged = {"2": ["Hot."]} if run is RUN else {}
            store.rows.keep_examination(run.run_id, {"numbers": {}, "body": [1], "flagged": flagged, "missed": []})
            store.append(run.case_id, run.run_id, "registration", {"answer": "aligned"})
            store.append(run.case_id, run.run_id, *seen(2, 12.0))
            store.append(run.case_id, run.run_id, *judged(2, "accept"))
            store.append(run.case_id, run.run_id, "override", {"check": "Model", "reason": "known"})
        said = {"value": "usable", "confidence": 3, "comment": "", "seconds": 12.0, "lights": {"Geometry": "green"}}
        store.append(RUN.case_id, RUN.run_id, "verdict", said)
        own = store.events(RUN.case_id)
        found = replay(own, RUN.run_id)
        of_case = RUN, found, coverage(found, (1,), ()), reader, store.chain_head, len(own)
        export_review(project.exports, *of_case, tell=store.tell_of_files)


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound") / "project"
    for reader in ("R1", "R2"):
        review(folder, reader)
    return folder


def verified(folder: Path) -> Verified:
    """Return what is found about R1; R2 must stay sound."""
    first, second = verify_project(open_project(folder, create=False))
    assert second.is_sound
    return first


def edited(connection: sqlite3.Connection, *statements: str) -> None:
    """Execute statements as someone does who takes the triggers away first and puts them back afterwards."""
    triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    connection.execute("PRAGMA foreign_keys = OFF")
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    for statement in statements:
        connection.execute(statement)
    for _, sql in triggers:
        connection.execute(sql)


def _first(table: str) -> str:
    return f"(SELECT min(rowid) FROM {table})"


def _columns() -> Iterator[tuple[str, tuple[str, ...]]]:
    for table, columns in COLUMNS.items():
        for column in columns:
            value = (
                "1000" if column == "seq" else f"{column} || ' '" if column.endswith("_json") else f"{column} || 'x'"
            )
            yield f"{table}.{column}", (f"UPDATE {table} SET {column} = {value} WHERE rowid = {_first(table)}",)


def _rows() -> Iterator[tuple[str, tuple[str, ...]]]:
    for table, columns in COLUMNS.items():
        yield f"{table}: a row deleted", (f"DELETE FROM {table} WHERE rowid = {_first(table)}",)
        yield f"{table}: all rows deleted", (f"DELETE FROM {table}",)
        copied = ", ".join(
            ("500" if one == "seq" else f"{one} || 'x'") if one in _keys(table) else one for one in columns
        )
        names = ", ".join(columns)
        insert = f"INSERT INTO {table} ({names}) SELECT {copied} FROM {table} WHERE rowid = {_first(table)}"
        yield f"{table}: a row inserted", (insert,)
        if table in ("meta", "examinations", "events"):
            column = columns[-1]
            last = f"(SELECT {column} FROM {table} ORDER BY rowid DESC LIMIT 1)"
            yield (
                f"{table}: a value of another row",
                (f"UPDATE {table} SET {column} = {last} || '' WHERE rowid = {_first(table)}",),
            )


def _keys(table: str) -> tuple[str, ...]:
    return {"events": ("seq", "event_id"), "sqlite_sequence": ("name",)}.get(table, (COLUMNS[table][0],))


_RENUMBERED = "UPDATE sqlite_sequence SET seq = (SELECT count(*) FROM events)"

MEANT: dict[str, tuple[str, ...]] = {
    "the verdict": ("UPDATE events SET payload_json = replace(payload_json, '\"usable\"', '\"not_usable\"')",),
    "the override": ("UPDATE events SET payload_json = replace(payload_json, 'known', 'fine')",),
    "the colours of checks": ("UPDATE events SET payload_json = replace(payload_json, 'green', 'red')",),
    "the window of a run": ("UPDATE runs SET record_json = replace(record_json, '910.0', '91.0')",),
    "the weights of a run": ("UPDATE runs SET record_json = replace(record_json, 'beef', 'dead')",),
    "a run of another case": ("UPDATE runs SET case_id = (SELECT max(case_id) FROM cases)",),
    "the runs of two cases": (
        "UPDATE runs SET case_id = CASE case_id WHEN (SELECT min(case_id) FROM cases) "
        "THEN (SELECT max(case_id) FROM cases) ELSE (SELECT min(case_id) FROM cases) END",
    ),
    "the flags of an examination": ("UPDATE examinations SET content_json = replace(content_json, 'Hot.', 'Cold.')",),
    "two examinations swapped": (
        "UPDATE examinations SET content_json = (SELECT other.content_json FROM examinations AS other "
        "WHERE other.run_id != examinations.run_id)",
    ),
    "the place of a case": ("UPDATE cases SET record_json = replace(record_json, 'abab', 'cdcd')",),
    "an event inserted in the middle": (
        "UPDATE events SET seq = seq + 100 WHERE seq > 5",
        "UPDATE events SET seq = seq - 99 WHERE seq > 100",
        "INSERT INTO events SELECT 6, 'new', case_id, run_id, reader, utc, kind, payload_json, previous, hash "
        "FROM events WHERE seq = 5",
        _RENUMBERED,
    ),
    "an event repeated at the end": (
        "INSERT INTO events SELECT seq + 1, 'new', case_id, run_id, reader, utc, kind, payload_json, previous, hash "
        "FROM events ORDER BY seq DESC LIMIT 1",
    ),
    "two events swapped": (
        "UPDATE events SET seq = 1000 WHERE seq = 5",
        "UPDATE events SET seq = 5 WHERE seq = 6",
        "UPDATE events SET seq = 6 WHERE seq = 1000",
    ),
    "an event taken out, the rest renumbered": (
        "DELETE FROM events WHERE seq = 5",
        "UPDATE events SET seq = -seq WHERE seq > 5",
        "UPDATE events SET seq = -seq - 1 WHERE seq < 0",
        _RENUMBERED,
    ),
    "the tail cut": ("DELETE FROM events WHERE seq > 10",),
    "the tail cut, counter reset": ("DELETE FROM events WHERE seq > 16", _RENUMBERED),
    "the last event cut, counter reset": ("DELETE FROM events WHERE seq = (SELECT max(seq) FROM events)", _RENUMBERED),
    "all events deleted, counter reset": ("DELETE FROM events", _RENUMBERED),
    "all events and the counter deleted": ("DELETE FROM events", "DELETE FROM sqlite_sequence"),
    "everything deleted": (*(f"DELETE FROM {table}" for table in COLUMNS if table != "meta"),),
    "everything deleted, format 1": (
        *(f"DELETE FROM {table}" for table in COLUMNS if table != "meta"),
        "CREATE TABLE views(case_id TEXT PRIMARY KEY REFERENCES cases(case_id), content_json TEXT NOT NULL)",
        "UPDATE meta SET value = '1' WHERE name = 'schema_version'",
    ),
    "a payload with a name twice": (
        'UPDATE events SET payload_json = \'{"answer": "slight", \' || substr(payload_json, 2) '
        "WHERE kind = 'registration'",
    ),
    "a foreign trigger": ("CREATE TRIGGER foreign_one AFTER INSERT ON events BEGIN DELETE FROM cases; END",),
    "a foreign trigger on runs": ("CREATE TRIGGER foreign_one AFTER INSERT ON runs BEGIN SELECT 1; END",),
    "a foreign table": ("CREATE TABLE notes(text)",),
    "a foreign view": ("CREATE VIEW later AS SELECT * FROM events",),
    "a foreign index": ("CREATE INDEX by_kind ON events(kind)",),
    "a column more": ("ALTER TABLE runs ADD COLUMN fused TEXT",),
    "a column renamed": ("ALTER TABLE cases RENAME COLUMN created_utc TO created",),
    "a table renamed": ("ALTER TABLE examinations RENAME TO exams",),
    "an index dropped": ("DROP INDEX events_of_a_case",),
    "statistics": ("ANALYZE",),
    "user_version": ("PRAGMA user_version = 7",),
    "application_id": ("PRAGMA application_id = 7",),
    "events replaced by an endless view": (
        "ALTER TABLE events RENAME TO real_events",
        "CREATE VIEW events AS WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x FROM n) "
        f"SELECT {', '.join(f'x AS {one}' for one in COLUMNS['events'])} FROM n",
    ),
    **{f"{table} dropped": (f"DROP TABLE {table}",) for table in COLUMNS if table != "sqlite_sequence"},
}

WITHOUT = ("events replaced by an endless view", "events dropped")
"""Edits after which no trigger can be put back."""

EDITS = {**dict(_columns()), **dict(_rows()), **MEANT}


def copied(sound: Path, tmp_path: Path) -> Path:
    return shutil.copytree(sound, tmp_path / "project")


@pytest.mark.parametrize("edit", EDITS)
def test_an_edit_of_a_readers_file_is_found(sound: Path, tmp_path: Path, edit: str) -> None:
    folder = copied(sound, tmp_path)
    with closing(sqlite3.connect(folder / "reviews" / "R1.sqlite", isolation_level=None)) as connection:
        before = "\n".join(connection.iterdump()), connection.execute("PRAGMA user_version").fetchone()
        edited(connection, *EDITS[edit]) if edit not in WITHOUT else _bare(connection, EDITS[edit])
        if edit not in ("application_id", "events replaced by an endless view"):
            after = "\n".join(connection.iterdump()), connection.execute("PRAGMA user_version").fetchone()
            assert after != before, "this edit changes nothing"
    found = verified(folder)
    assert found.state in ("altered", "damaged")
    assert any("expected" in fault and "found" in fault for fault in found.faults)


def _bare(connection: sqlite3.Connection, statements: tuple[str, ...]) -> None:
    for statement in statements:
        connection.execute(statement)


@pytest.mark.parametrize("trigger", ["changed", "deleted", "replaced"])
def test_a_trigger_that_is_gone_or_another_is_found(sound: Path, tmp_path: Path, trigger: str) -> None:
    folder = copied(sound, tmp_path)
    name = f"events_are_not_{trigger}"
    for statement, words in (
        (f"DROP TRIGGER {name}", f"expected the trigger {name}, found none"),
        (
            f"CREATE TRIGGER {name} BEFORE DELETE ON events BEGIN SELECT 1; END",
            "as this program makes it, found another",
        ),
    ):
        with closing(sqlite3.connect(folder / "reviews" / "R1.sqlite")) as connection:
            connection.execute(statement)
        assert any(words in fault for fault in verified(folder).faults)


def test_there_are_at_least_as_many_edits_as_the_study_tried() -> None:
    assert len(EDITS) + 6 >= 64


REPLACED: dict[str, Callable[[Path], object]] = {
    "deleted": lambda path: path.unlink(),
    "emptied": lambda path: path.write_bytes(b""),
    "cut in half": lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
    "no database": lambda path: path.write_text("Dear colleague"),
    "another reader's": lambda path: shutil.copyfile(path.with_name("R2.sqlite"), path),
}


@pytest.mark.parametrize("how", REPLACED)
def test_a_file_that_is_gone_or_another_one_is_found(sound: Path, tmp_path: Path, how: str) -> None:
    folder = copied(sound, tmp_path)
    REPLACED[how](folder / "reviews" / "R1.sqlite")
    expected = {"deleted": "missing", "another reader's": "altered"}.get(how, "damaged")
    assert verified(folder).state == expected


def test_a_file_that_a_reader_began_anew_is_not_taken_for_the_old_one(sound: Path, tmp_path: Path) -> None:
    folder = copied(sound, tmp_path)
    for name in ("R1.sqlite", "R1.head"):
        (folder / "reviews" / name).unlink()
    review(folder, "R1")
    found = verified(folder)
    assert found.state == "altered"
    assert "expected the first event" in found.faults[0]


@pytest.mark.parametrize("seed", range(500 if IS_THOROUGH else 50))
def test_no_random_corruption_ends_in_a_traceback_or_in_silence(sound: Path, tmp_path: Path, seed: int) -> None:
    folder = copied(sound, tmp_path)
    path = folder / "reviews" / "R1.sqlite"
    with Store.open(folder, "R1", read_only=True) as store:
        before = store.chain(), store.rows.cases(), [store.rows.examination(run.run_id) for run in (RUN, OTHER)]
    content = path.read_bytes()
    path.write_bytes(corrupted(content, random.Random(seed)))
    found = verified(folder)
    project = open_project(folder, create=False)
    page = write_summary(project)[0].read_text(encoding="utf-8")
    if found.is_sound:
        assert path.read_bytes() == content or "the disk may be failing" in found.notes[-1]
        with Store.open(folder, "R1", read_only=True) as store:
            assert store.findings == ()
            assert before == (
                store.chain(),
                store.rows.cases(),
                [store.rows.examination(run.run_id) for run in (RUN, OTHER)],
            )
    else:
        assert f'R1</td><td><span class="red">{found.state.upper()}' in page
        assert "agreed" not in {case.status for case in project_progress(project).values()}


def corrupted(content: bytes, random: random.Random) -> bytes:
    """Return the bytes of a file with some of them changed, blanked, lost, doubled or cut off."""
    changed = bytearray(content)
    place = random.randrange(len(content))
    length = random.choice((1, 1, 1, 8, 64, 512, 4096))
    match random.randrange(6):
        case 0:
            changed[place] ^= 1 << random.randrange(8)
        case 1:
            for _ in range(random.randrange(1, 30)):
                changed[random.randrange(len(content))] = random.randrange(256)
        case 2:
            changed[place : place + length] = random.randbytes(min(length, len(content) - place))
        case 3:
            changed[place : place + length] = bytes(min(length, len(content) - place))
        case 4:
            del changed[place : place + length]
        case 5:
            del changed[place:]
    return bytes(changed)
