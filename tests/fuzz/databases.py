"""Projects whose records were edited: bytes, pages, rows, and the files beside them."""

import sqlite3
import struct
from collections.abc import Mapping
from contextlib import closing
from functools import cache
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

from napari_refusion.cohort.progress import project_progress
from napari_refusion.cohort.summary import write_summary
from napari_refusion.record.project_folder import open_project
from napari_refusion.record.roster import database_path
from napari_refusion.record.store import Store
from napari_refusion.record.verify import verify_project
from napari_refusion.volume.finding import RefusedError
from tests.fuzz.case import Case, Result
from tests.fuzz.edits import edited
from tests.fuzz.looks import by_cause
from tests.record.test_edits import COLUMNS, review

_DATABASE = "project/reviews/R1.sqlite"

_VALUES = (
    *("NULL", "''", "0", "-1", "1e999", "x'00ff'", "zeroblob(100000)", "9223372036854775807", "'{}'", "'[]'", "'null'"),
    *(
        "'{\"a\": NaN}'",
        "'\U0001f600'",
        "char(0)",
        "printf('%.*c', 50000, '[')",
        "'2026-01-01T00:00:00+00:00'",
        "'record'",
    ),
)


@cache
def seed() -> Mapping[str, bytes]:
    """Return the files of a project in which R1 and R2 reviewed two cases."""
    with TemporaryDirectory() as folder:
        top = Path(folder)
        for reader in ("R1", "R2"):
            review(top / "project", reader)
        paths = [path for path in sorted(top.rglob("*")) if path.is_file() and path.suffix != ".lock"]
        return {path.relative_to(top).as_posix(): path.read_bytes() for path in paths}


@cache
def _rows() -> dict[str, list[tuple[object, ...]]]:
    """Return everything that was recorded by R1."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.sqlite"
        path.write_bytes(seed()[_DATABASE])
        return _all(path)


def _all(path: Path) -> dict[str, list[tuple[object, ...]]]:
    with closing(sqlite3.connect(path)) as connection:
        return {one: connection.execute(f"SELECT * FROM {one} ORDER BY 1").fetchall() for one in COLUMNS}


def page_edited(content: bytes, random: Random) -> bytes:
    """Exchange, blank or cut pages, or change the header of one."""
    pages = [content[at : at + 4096] for at in range(0, len(content), 4096)]
    at = random.randrange(len(pages))
    match random.randrange(5):
        case 0:
            other = random.randrange(len(pages))
            pages[at], pages[other] = pages[other], pages[at]
        case 1:
            pages[at] = random.choice((bytes(4096), b"\xff" * 4096, random.randbytes(4096)))
        case 2:
            pages = pages[:at]
        case 3:
            pages[at] = pages[at][: random.randrange(4096)].ljust(4096, b"\0")
        case _:
            start = 100 if at == 0 and random.random() < 0.5 else 0
            head = struct.pack(">B", random.choice((0, 2, 5, 10, 13, 255))) + random.randbytes(
                random.choice((0, 2, 4, 7))
            )
            pages[at] = pages[at][:start] + head + pages[at][start + len(head) :]
    return b"".join(pages)


def sql_edited(content: bytes, random: Random) -> bytes:
    """Change rows or tables as someone does who takes the triggers away first and puts them back afterwards."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.sqlite"
        path.write_bytes(content)
        with closing(sqlite3.connect(path, isolation_level=None)) as connection:
            triggers = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
            connection.execute("PRAGMA foreign_keys = OFF")
            connection.execute("PRAGMA ignore_check_constraints = ON")
            for name, _ in triggers:
                connection.execute(f"DROP TRIGGER {name}")
            for _ in range(random.choice((1, 1, 2))):
                try:
                    connection.execute(_statement(random))
                except sqlite3.Error:
                    continue
            for _, sql in triggers:
                try:
                    connection.execute(sql)
                except sqlite3.Error:
                    continue
        return path.read_bytes()


def _statement(random: Random) -> str:
    table = random.choice(list(COLUMNS))
    column, value = random.choice(COLUMNS[table]), random.choice(_VALUES)
    row = f"rowid = (SELECT rowid FROM {table} LIMIT 1 OFFSET {random.randrange(12)})"
    others = ", ".join(one if one != column else value for one in COLUMNS[table])
    return random.choice(
        (
            *[f"UPDATE {table} SET {column} = {value} WHERE {row}"] * 4,
            f"UPDATE {table} SET {column} = {value}",
            f"UPDATE {table} SET {column} = {column} || {value} WHERE {row}",
            f"DELETE FROM {table} WHERE {row}",
            f"DELETE FROM {table}",
            f"INSERT INTO {table} ({', '.join(COLUMNS[table])}) SELECT {others} FROM {table} LIMIT 1",
            f"DROP TABLE {table}",
            f"ALTER TABLE {table} RENAME TO other",
            f"ALTER TABLE {table} ADD COLUMN extra",
            f"CREATE VIEW extra AS SELECT * FROM {table}",
            f"CREATE TRIGGER extra AFTER INSERT ON {table} BEGIN DELETE FROM {table}; END",
            "PRAGMA user_version = 99",
        )
    )


def database_case(random: Random) -> Case:
    """Return a project to one of whose records, or to a file beside it, something was done."""
    files = dict(seed())
    kind = random.random()
    if kind < 0.35:
        files[_DATABASE] = edited(files[_DATABASE], random)
    elif kind < 0.55:
        files[_DATABASE] = page_edited(files[_DATABASE], random)
    elif kind < 0.85:
        files[_DATABASE] = sql_edited(files[_DATABASE], random)
    elif kind < 0.92:
        files[_DATABASE + random.choice(("-wal", "-journal"))] = random.choice(
            (b"", random.randbytes(5000), files[_DATABASE])
        )
    else:
        name = random.choice([name for name in files if "R1" in name or name.endswith("project.json")])
        files[name] = edited(files[name], random)
    return Case(files, "project")


def look_at_database(folder: Path, _case: Case) -> tuple[Result, str]:
    """Verify a project, summarise it, look into the record and open it; it must not be called sound if it is not."""
    path = database_path(folder, "R1")
    try:
        project = open_project(folder)
        words = {one.reader: one.is_sound for one in verify_project(project)}
        project_progress(project)
        write_summary(project)
        for read_only in (True, False):
            with Store.open(folder, "R1", read_only=read_only) as store:
                store.all_events()
        after = {one.reader: one.is_sound for one in verify_project(project)}
    except RefusedError as error:
        return by_cause(error)
    if words.get("R1") and (lost := _difference(path)):
        return "silent", lost
    if not words.get("R2") or (after.get("R1") and not words.get("R1")):
        return "silent", f"verified {words}, then {after}"
    return ("read" if words["R1"] else "refused"), ""


def _difference(path: Path) -> str:
    """Return which table does not hold what was recorded; what was recorded later is no difference."""
    found = _all(path)
    return ", ".join(
        one for one, rows in _rows().items() if one != "sqlite_sequence" and found[one][: len(rows)] != rows
    )
