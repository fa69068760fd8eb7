"""The summary of many cases: a page with a table and plots, and the same table for other programs."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from io import StringIO
from statistics import median
from types import MappingProxyType
from typing import Any, Final

from napari_refusion import look
from napari_refusion.io.given_path import GivenPath
from napari_refusion.io.spreadsheet import cell
from napari_refusion.record.case import CASE_VERDICTS, REASONS, REGISTRATION
from napari_refusion.report.page import environment, write_page
from napari_refusion.report.plots import COLOURS, bar_plot, histogram_plot, stacked_plot
from napari_refusion.report.svg import as_uri, height_of
from napari_refusion.report.words import duration, readable
from napari_refusion.volume.rule import CHECKS

COLUMNS: Final = (
    *("case", "sources", "status", "registration", "verdict", "confidence", "flagged", "rejected", "reasons"),
    *(f"light_{check.lower()}" for check in CHECKS),
    *("slices_seen", "seconds", "seconds_per_slice", "readers", "changed_after_seeing_others", "records_not_sound"),
)
"""Of the table, in their order."""

_ORDER: Final = ("red", "amber", "not run", "green")
"""Colours of checks, the worst one first."""


@dataclass(frozen=True, slots=True)
class CohortRow:
    """One case in the summary."""

    label: str
    """What to call it: a pseudonym."""
    words: str
    """The pair, as ``PET + MRI``."""
    status: str
    """``new``, ``in review``, ``read``..., as the worklist says it."""
    registration: str = ""
    """One of `case.REGISTRATION`, or empty."""
    verdict: str = ""
    """One of `case.CASE_VERDICTS`, or empty."""
    confidence: float | None = None
    """0 to 4; None without a verdict."""
    flagged: int = 0
    """Number of slices that the reader flagged."""
    rejected: int = 0
    """Number of slices that the reader rejected."""
    reasons: Mapping[str, int] = field(default_factory=lambda: MappingProxyType({}))
    """Key of `case.REASONS` -> number of slices."""
    check_outcomes: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Check, one of `look.CHECKS` -> colour."""
    seconds: tuple[float, ...] = ()
    """How long each slice that was seen was on the screen."""
    readers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Reader -> verdict, one of `case.CASE_VERDICTS`; for cases that were read twice."""
    changed: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Reader who changed the verdict after seeing others' words -> the one before."""
    unsound: tuple[str, ...] = ()
    """Readers of the project whose records are not sound."""


@dataclass(frozen=True, slots=True)
class RecordRow:
    """The record of one reader in the summary."""

    reader: str
    state: str
    """One of `look.RECORDS`."""
    events: int
    """How many can be read and trusted."""
    signed: str
    """In words."""
    head: str
    """Hash of the newest one, empty for none."""
    said: tuple[str, ...]
    """What was expected and found."""


def write_cohort(
    rows: Sequence[CohortRow],
    agreement: Mapping[str, str] | None,
    path: GivenPath,
    overwrite: bool = False,
    records: Sequence[RecordRow] = (),
) -> None:
    """Write the summary of cases as one HTML file that needs nothing else, whole or not at all.

    Parameters
    ----------
    agreement
        Statistics of two readers, title -> in words; None where there was one reader.
    path
        Ends in ``.html``.
    overwrite
        Whether an existing file may be replaced.
    records
        Of all readers; those that are not sound stand at the top in red.

    Raises
    ------
    RefusedError
        See `io.whole_files.atomic`.
    """
    write_page(cohort_html(rows, agreement, records), path, overwrite)


def cohort_html(
    rows: Sequence[CohortRow], agreement: Mapping[str, str] | None = None, records: Sequence[RecordRow] = ()
) -> str:
    """Return the summary of cases as HTML 5; see `write_cohort`."""
    page = environment().get_template("cohort.html")
    return page.render(
        title="Summary of reviewed cases",
        cases=[_case_row(row) for row in rows],
        count=len(rows),
        judged=sum(bool(row.verdict) for row in rows),
        agreement=agreement or {},
        records=[{"row": one, "look": look.RECORDS[one.state]} for one in records],
        unsound=[one.reader for one in records if one.state != "sound"],
        plots=[{"height": height_of(drawing), "picture": as_uri(drawing)} for drawing in cohort_plots(rows)],
    )


def cohort_plots(rows: Sequence[CohortRow]) -> list[str]:
    """Return the plots of cases as SVG: verdicts, reasons, seconds per slice, checks."""
    judged = [row for row in rows if row.verdict]
    verdicts = Counter(row.verdict for row in judged)
    prevalence = Counter(reason for row in rows for reason, slices in row.reasons.items() if slices)
    check_outcomes = {check: Counter(row.check_outcomes.get(check, "not run") for row in rows) for check in CHECKS}
    order = [colour for colour in COLOURS if colour]
    return [
        bar_plot("Verdicts on cases", {name: verdicts[key] for key, name in CASE_VERDICTS.items()}, len(judged)),
        stacked_plot(
            "Checks by case", {name: {one: found[one] for one in order} for name, found in check_outcomes.items()}
        ),
        bar_plot("Cases with a reason", {name: prevalence[key] for key, name in REASONS.items()}, len(rows)),
        histogram_plot("Seconds per slice", [one for row in rows for one in row.seconds], "s"),
    ]


def write_table(rows: Iterable[CohortRow], path: GivenPath, overwrite: bool = False) -> None:
    """Write cases as tab-separated values, UTF-8 with a header, whole or not at all.

    Cells that a spreadsheet would take for a formula begin with an apostrophe.

    Parameters
    ----------
    path
        Ends in ``.tsv``.
    overwrite
        Whether an existing file may be replaced.

    Raises
    ------
    RefusedError
        See `io.whole_files.atomic`.
    """
    write_rows(COLUMNS, map(_cells, rows), path, overwrite)


def write_rows(
    columns: Sequence[str], rows: Iterable[Sequence[str | int | float]], path: GivenPath, overwrite: bool = False
) -> None:
    """Write rows of cells under a header as `write_table` does."""
    stream = StringIO()
    writer = csv.writer(stream, dialect="excel-tab", lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([harmless(one) if isinstance(one, str) else one for one in row] for row in rows)
    write_page(stream.getvalue(), path, overwrite)


def harmless(text: str) -> str:
    """Return a text for one cell of a table: in one line, and never a formula."""
    return cell(" ".join(readable(text).split()))


def _case_row(row: CohortRow) -> dict[str, Any]:
    """Return a case as the template shows it."""
    return {
        "label": row.label,
        "words": row.words,
        "status": row.status,
        "registration": _named(REGISTRATION, row.registration),
        "verdict": _named(CASE_VERDICTS, row.verdict),
        "confidence": "" if row.confidence is None else f"{row.confidence:g}",
        "flagged": row.flagged,
        "rejected": row.rejected,
        "reasons": [f"{_named(REASONS, key)} ({count})" for key, count in row.reasons.items() if count],
        "checks": _checks(row.check_outcomes),
        "seconds": duration(sum(row.seconds)) if row.seconds else "",
        "style": look.RED.style if row.status == "not verified" else "",
        "readers": [_reader(row, reader) for reader in row.readers],
        "changed": [
            f"{reader} changed the verdict after seeing the other's; before: {_named(CASE_VERDICTS, verdict)}"
            for reader, verdict in row.changed.items()
        ],
    }


def _reader(row: CohortRow, reader: str) -> dict[str, str]:
    """Return a reader's verdict, in red where the reader's record is not sound."""
    is_unsound = reader in row.unsound
    words = f"{reader}{', record not sound' if is_unsound else ''}: {_named(CASE_VERDICTS, row.readers[reader])}"
    return {"words": words, "style": look.RED.style if is_unsound else ""}


def _checks(check_outcomes: Mapping[str, str]) -> list[dict[str, str]]:
    """Return the checks by their results, the bad ones first: ``FAILED: Registration``."""
    found = {colour: [check for check in CHECKS if check_outcomes.get(check, "not run") == colour] for colour in _ORDER}
    return [
        {
            "style": "" if colour == "green" else look.CHECKS[colour].signal.style,
            "words": f"{look.CHECKS[colour].printed}: {', '.join(checks)}",
        }
        for colour, checks in found.items()
        if checks
    ]


def _cells(row: CohortRow) -> list[str | int | float]:
    """Return a case as the cells of `COLUMNS`; numbers stay numbers."""
    reasons = "; ".join(f"{key} {count}" for key, count in row.reasons.items() if count)
    readers = "; ".join(f"{reader} {verdict}" for reader, verdict in row.readers.items())
    said = [row.label, row.words, row.status, row.registration, row.verdict]
    return [
        *said,
        "" if row.confidence is None else row.confidence,
        row.flagged,
        row.rejected,
        reasons,
        *(row.check_outcomes.get(check, "not run") for check in CHECKS),
        len(row.seconds),
        round(sum(row.seconds), 1),
        round(median(row.seconds), 2) if row.seconds else "",
        readers,
        "; ".join(f"{reader} {verdict}" for reader, verdict in row.changed.items()),
        "; ".join(row.unsound),
    ]


def _named(words: Mapping[str, str], key: str) -> str:
    """Return a key in words; one that is not known as it is."""
    return words.get(key, key)
