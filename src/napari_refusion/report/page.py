"""The report of a review: one HTML file with everything in it, to be read without the program and without a network."""

from __future__ import annotations

from collections import Counter
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import numpy as np

from napari_refusion.in_ranges import in_ranges
from napari_refusion.io.whole_files import atomic
from napari_refusion.look import INK, RED, SIGNALS
from napari_refusion.notice import LOUD, NOT_FOR_DIAGNOSIS
from napari_refusion.record.case import CASE_VERDICTS, REGISTRATION
from napari_refusion.report.rows import (
    check_rows,
    finding_rows,
    lesion_rows,
    missed_rows,
    move_words,
    panel_rows,
    plot_rows,
    projection_row,
    slice_count,
    slice_rows,
    window_words,
)
from napari_refusion.report.words import duration, readable
from napari_refusion.volume.affine import spacing

if TYPE_CHECKING:
    from jinja2 import Environment

    from napari_refusion.io.given_path import GivenPath
    from napari_refusion.report.content import ReportContent


def write_report(content: ReportContent, path: GivenPath, overwrite: bool = False) -> None:
    """Write a report as one HTML file, whole or not at all.

    Parameters
    ----------
    overwrite
        Whether an existing file may be replaced.

    Raises
    ------
    RefusedError
        See `io.whole_files.atomic`.
    """
    write_page(report_html(content), path, overwrite)


def write_page(html: str, path: GivenPath, overwrite: bool = False) -> None:
    """Write a page as UTF-8, see `write_report`; of a file's name that is none, the bytes are written out."""
    with atomic(path, overwrite) as temporary:
        temporary.write_text(html, encoding="utf-8", errors="backslashreplace", newline="\n")


def report_html(content: ReportContent) -> str:
    """Return a report as HTML 5: no script, nothing loaded from elsewhere, everything that was typed escaped."""
    run, review = content.run, content.review
    count, rows = slice_count(run), slice_rows(content)
    told = {row["index"] for row in rows}
    seen = {index for index in range(count) if review.slice(index).seconds > 0}
    page = environment().get_template("report.html")
    return page.render(
        title=f"Review of {content.label}",
        content=content,
        verdict=review.verdict,
        counts=Counter(one.verdict for one in review.slices.values()),
        check_outcomes=check_rows(content),
        findings=finding_rows(content),
        panels=panel_rows(content),
        count=count,
        rows=rows,
        silent=in_ranges(index + 1 for index in seen - told),
        unseen=in_ranges(index + 1 for index in set(range(count)) - seen),
        plots=plot_rows(content.curves),
        missed=missed_rows(content),
        lesions=lesion_rows(content),
        projection=projection_row(content),
        steps=" x ".join(f"{step:.3g}" for step in spacing(np.array(run.affine))),
    )


def environment() -> Environment:
    """Return the templates of reports, which escape everything that is put into them."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    found = Environment(
        loader=PackageLoader("napari_refusion.report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_finalized,
    )
    found.globals |= {"signals": SIGNALS, "failed": RED, "ink": INK, "not_for_diagnosis": f"{NOT_FOR_DIAGNOSIS}."}
    found.filters |= {
        "notice": loud_notice,
        "moment": moment,
        "duration": duration,
        "window": window_words,
        "move": move_words,
        "case_verdict": lambda value: CASE_VERDICTS.get(value, value) or "none",
        "registration": lambda answer: REGISTRATION.get(answer, answer) or "not answered",
    }
    return found


def _finalized(value: object) -> object:
    """Return what is put into a page: text without harmful characters, before it is escaped."""
    from markupsafe import Markup

    return readable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def loud_notice(notice: str) -> str:
    """Return a notice that begins with `notice.LOUD`."""
    is_there = notice[: len(LOUD)].upper() == LOUD
    return LOUD + (notice[len(LOUD) :] if is_there else f". {notice}").rstrip()


def moment(utc: str) -> str:
    """Return an ISO 8601 time as ``2025-03-01 14:05 UTC``; another text as it is, none as ``not yet``."""
    try:
        when = datetime.fromisoformat(utc)
    except ValueError:
        return utc or "not yet"
    return f"{when if when.tzinfo is None else when.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
