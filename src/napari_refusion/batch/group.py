"""All cases of a cohort together: a page with plots and a table, the table for other programs, and a worklist."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from napari_refusion.batch.folder import fused_name
from napari_refusion.batch.group_page import group_html
from napari_refusion.batch.metrics import METRICS
from napari_refusion.batch.pages import Pages
from napari_refusion.cohort.case_manifest import write_manifest
from napari_refusion.cohort.work_case import label_of
from napari_refusion.cohort.worklist import WORKLIST
from napari_refusion.evidence.indicators import per_slice
from napari_refusion.io.write_json import write_json
from napari_refusion.report.page import write_page
from napari_refusion.report.summary import write_rows
from napari_refusion.volume.finding import Finding, RefusedError, blocking
from napari_refusion.volume.rule import CHECKS

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from napari_refusion.batch.gathered import Cohort, Shown
    from napari_refusion.cohort.work_case import WorkCase

NUMBERS: Final = (*METRICS, *per_slice())
"""Columns of the table with medians over the slices of the body."""

_COLOURS: Final = "green, amber, red, not run, or not confirmed: nothing speaks against it, and nobody looked yet"

COLUMNS: Final[dict[str, str]] = {
    "case": "Name of the case, with which its files begin",
    "status": "fused; refused: its sources cannot be read or must not be fused; failed: something else went wrong; "
    "left out: no pair; not run: there is no outcome yet",
    "pair": "Modalities of the two sources",
    "why": "Why it is not fused",
    **{f"check_{check.lower()}": f"QC check {check}: {_COLOURS}" for check in CHECKS},
    "slices": "Number of slices",
    "body": "Of these, slices that show the body",
    "flagged": "Slices with a warning of an indicator or with hidden uptake",
    "missed": "Places where uptake hardly stands out in the fused image; n/a where none was looked for",
    "seconds": "How long it took, by the clock",
    **dict.fromkeys(NUMBERS, "Median over the slices of the body"),
}
"""Column of the table -> what it holds."""

NOTHING: Final = "n/a"
"""What an empty cell holds, as in tables of BIDS."""


def write_group(cohort: Cohort, output: Path) -> Pages:
    """Write the page, the table with what its columns hold, and the worklist of all cases."""
    page, table, columns, worklist = (output / name for name in ("group.html", "group.tsv", "group.json", WORKLIST))
    words = {name: {"Description": what} for name, what in COLUMNS.items()}
    writers: dict[Path, Callable[[], None]] = {
        page: lambda: write_page(group_html(cohort), page, overwrite=True),
        table: lambda: write_rows(tuple(COLUMNS), table_rows(cohort), table, overwrite=True),
        columns: lambda: write_json(words, columns, overwrite=True),
        worklist: lambda: write_manifest(map(_to_read, cohort.fused), worklist),
    }
    written, unwritten = [], list[Finding]()
    for path, write in writers.items():
        try:
            write()
            written.append(path)
        except RefusedError as error:
            unwritten += blocking(error.findings)
    return Pages(tuple(written), tuple(unwritten))


def _to_read(one: Shown) -> WorkCase:
    fused = one.folder / fused_name(one.case)
    return replace(one.case.work, label=one.case.name, fused=fused, volumes=one.outcome.volumes)


def table_rows(cohort: Cohort) -> list[list[str | int | float]]:
    """Return the cells of `COLUMNS` of every case, each once."""
    rows = [_cells(one) for one in cohort.shown]
    others = [(case.name, "not run", "") for case in cohort.not_run]
    others += [(label_of(one), "left out", one.sentence) for one in cohort.left_out]
    empty: list[str | int | float] = [NOTHING] * (len(COLUMNS) - 4)
    return rows + [[name, status, NOTHING, why or NOTHING, *empty] for name, status, why in others]


def _cells(one: Shown) -> list[str | int | float]:
    outcome, measured = one.outcome, one.outcome.measured
    if measured is None:
        empty: list[str | int | float] = [NOTHING] * len(COLUMNS)
        return [outcome.case, outcome.status, NOTHING, outcome.sentence, *empty[4:]]
    return [
        *(outcome.case, outcome.status, measured.pair, NOTHING),
        *(measured.checks[check] for check in CHECKS),
        *(measured.slices, measured.body, len(measured.flagged)),
        len(measured.missed) if measured.missed_run else NOTHING,
        outcome.seconds,
        *(measured.medians.get(name, NOTHING) for name in NUMBERS),
    ]
