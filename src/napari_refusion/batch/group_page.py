"""The page of all cases: how they ended, plots, and a table that sorts itself."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from napari_refusion import look
from napari_refusion.batch.metrics import TITLES
from napari_refusion.batch.pages import ENDED, page_of
from napari_refusion.report.page import environment
from napari_refusion.report.plots import COLOURS, bar_plot, histogram_plot, stacked_plot
from napari_refusion.report.svg import as_uri, height_of
from napari_refusion.volume.rule import CHECKS

if TYPE_CHECKING:
    from napari_refusion.batch.gathered import Cohort, Shown


def group_html(cohort: Cohort) -> str:
    """Return the page of all cases as HTML 5: nothing is loaded, and a script of its own sorts the table."""
    drawings = group_plots(cohort)
    return (
        environment()
        .get_template("group.html")
        .render(
            title="Fused images of all cases",
            counts=cohort.counts,
            noticed=[*filter(None, [cohort.unlike]), *cohort.same],
            total=sum(cohort.counts.values()),
            plots=[{"height": height_of(one), "picture": as_uri(one)} for one in drawings],
            checks=CHECKS,
            metrics=TITLES,
            rows=[_row(one) for one in cohort.shown],
            not_run=[case.name for case in cohort.not_run],
            left_out=[one.sentence for one in cohort.left_out],
            earlier=[(name, page_of(subject, Path()).name) for name, subject in cohort.earlier],
        )
    )


def group_plots(cohort: Cohort) -> list[str]:
    """Return the plots of all cases as SVG: how they ended, checks, and numbers of those that are fused."""
    found = [one.outcome.measured for one in cohort.fused if one.outcome.measured is not None]
    order = [colour for colour in COLOURS if colour]
    checks = {check: Counter(one.checks[check] for one in found) for check in CHECKS}
    return [
        bar_plot("How the cases ended", cohort.counts, sum(cohort.counts.values())),
        stacked_plot("Checks of fused cases", {name: {one: of[one] for one in order} for name, of in checks.items()}),
        *(
            histogram_plot(title, [one.medians[name] for one in found if name in one.medians], "")
            for name, title in TITLES.items()
        ),
        histogram_plot("Seconds for a case", [one.outcome.seconds for one in cohort.fused], "s"),
    ]


def _row(one: Shown) -> dict[str, Any]:
    measured = one.outcome.measured
    return {
        "name": one.case.name,
        "page": page_of(one.case.subject, Path()).name,
        "look": ENDED[one.outcome.status],
        "outcome": one.outcome,
        "measured": measured,
        "checks": [look.CHECKS[measured.checks[check]] for check in CHECKS] if measured else [],
    }
