"""Cases, fusions and examinations of a reader's file: rows beside the events, each put with the event that seals it."""

import json
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from napari_refusion.record.chain_end import ChainEnd
from napari_refusion.record.database import now
from napari_refusion.record.events import Event
from napari_refusion.record.seals import seal_of, seals
from napari_refusion.volume.finding import RefusedError

if TYPE_CHECKING:
    from napari_refusion.record.run import Run


class SealedRows:
    """What the events of a file refer to.

    Where the disk refuses, rows wait for the next `Store.append`, which tells. All that keeps something raises
    `RefusedError` where the file can only be read, and `ValueError` for what JSON lacks.
    """

    def __init__(self, end: ChainEnd, bookkeeping: Iterable[Event]) -> None:
        self._end = end
        self._seals = seals(bookkeeping)

    def keep_case(self, case_id: str, record: Mapping[str, Any]) -> None:
        """Keep what a case is, in place of what was kept before."""
        self._end.check_writable()
        known = self._end.row("cases", case_id)
        self._seal("cases", (case_id, known[1] if known else now(), _text(record)))

    def keep_run(self, run: "Run") -> None:
        """Keep what a fusion was made of; that never changes, since its identity follows from it."""
        self._end.check_writable()
        if self._end.row("cases", run.case_id) is None:
            self.keep_case(run.case_id, {})
        known = self._end.row("runs", run.run_id)
        self._seal("runs", known or (run.run_id, run.case_id, _text(asdict(run)), now()))

    def keep_examination(self, run_id: str, content: Mapping[str, Any]) -> None:
        """Keep what the examination of a remembered fusion found, in place of what was kept before."""
        self._end.check_writable()
        if self._end.row("runs", run_id) is None:
            raise ValueError(f"Record the case or the run first: {run_id} is not known here.")
        self._seal("examinations", (run_id, _text(content)))

    def cases(self) -> dict[str, dict[str, Any]]:
        """Return identities of cases -> what was kept of them, in the order in which they came."""
        rows = self._end.connection.execute("SELECT case_id, record_json FROM cases ORDER BY created_utc, rowid")
        return {case_id: json.loads(record) for case_id, record in rows}

    def case(self, case_id: str) -> dict[str, Any]:
        """Return what was kept of a case; nothing of one that is not known."""
        row = self._end.row("cases", case_id)
        return json.loads(row[2]) if row else {}

    def run(self, run_id: str) -> dict[str, Any]:
        """Return the plain values of a remembered fusion, see `run.Run`; nothing of one that is not known."""
        row = self._end.row("runs", run_id)
        return json.loads(row[2]) if row else {}

    def examination(self, run_id: str) -> dict[str, Any] | None:
        """Return what the examination of a fusion found, None where none was kept."""
        row = self._end.row("examinations", run_id)
        return json.loads(row[1]) if row else None

    def adopt(self, table: str, row: tuple[str, ...]) -> None:
        """Keep a row of the same reader's file on another computer, unless there is one of that key."""
        self._end.check_writable()
        if self._end.row(table, row[0]) is None:
            self._seal(table, row)

    def _seal(self, table: str, row: tuple[str, ...]) -> None:
        """Put a row with the event that seals it, unless it is there and sealed already."""
        payload = seal_of(table, row)
        if self._seals.get((table, row[0])) == payload["sha256"]:
            return
        self._seals[table, row[0]] = payload["sha256"]
        self._end.add("", "", "record", payload, (table, row))
        with suppress(RefusedError):  # the next `append` tells
            self._end.write()


def _text(content: Mapping[str, Any]) -> str:
    """Return plain values as JSON; NaN and other things that it lacks are a ValueError."""
    try:
        return json.dumps(content, allow_nan=False)
    except TypeError as error:
        raise ValueError(str(error)) from error
