"""Readers' files as the tests of the record make, look into and break them."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from napari_refusion.record.database import Records, fill_file
from napari_refusion.record.events import START, Event, digest
from napari_refusion.record.store import Store
from tests.recorded import RUN, at

CASE, RUN_ID = RUN.case_id, RUN.run_id


def database(folder: Path, reader: str = "R1") -> Path:
    return folder / "reviews" / f"{reader}.sqlite"


def record(store: Store, count: int, text: str = "x") -> list[Event]:
    return [store.append(CASE, RUN_ID, "comment", at(index, text=text)) for index in range(count)]


def filled(folder: Path, count: int = 20, text: str = "x", reader: str = "R1") -> tuple[Event, ...]:
    with Store.open(folder, reader) as store:
        store.rows.keep_run(RUN)
        record(store, count, text)
        return store.all_events()


@contextmanager
def raw(path: Path) -> Iterator[sqlite3.Connection]:
    """Yield the database as another program sees it that knows nothing of reviews."""
    with closing(sqlite3.connect(path)) as connection:
        yield connection
        connection.commit()


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


def aside(folder: Path) -> list[Path]:
    return sorted((folder / "reviews").glob("R1.damaged-*.sqlite"))


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
