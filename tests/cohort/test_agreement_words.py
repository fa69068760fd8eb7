"""How two readers agree, in words and in rows."""

from dataclasses import replace
from types import MappingProxyType

from napari_refusion.cohort.agreement import Agreement, Figures
from napari_refusion.cohort.agreement_words import COLUMNS, agreement_rows, agreement_words
from napari_refusion.cohort.kappa import Interval


def figures(quadratic: Interval | None) -> Figures:
    return Figures(8, Interval(0.75, 0.5, 1.0), None, Interval(0.4, 0.1, 0.6), quadratic, None)


FOUND = Agreement(
    cases=5,
    discordant=2,
    verdict=figures(Interval(0.51234, 0.2, 0.8)),
    registration=Figures(0, None, None, None, None, None),
    slices=figures(None),
    reasons=MappingProxyType({"step": (0.25, 0.0), "other": (0.0, 0.0)}),
    seconds=(3.0, None),
)


def test_every_figure_that_has_a_value_is_told() -> None:
    words = agreement_words(FOUND, ("R1", "R2"))
    assert words["Readers"] == "R1 and R2, 5 cases read by both"
    assert agreement_words(replace(FOUND, cases=1), ("R1", "R2"))["Readers"] == "R1 and R2, 1 case read by both"
    assert words["Discordant cases"] == "2 of 5"
    assert words["Verdicts on cases"] == (
        "8 compared: same 0.75 (95 % interval 0.50 to 1.00); kappa, linear weights 0.40 (95 % interval 0.10 to 0.60); "
        "kappa, quadratic weights 0.51 (95 % interval 0.20 to 0.80)"
    )
    assert words["Registration"] == "0 compared: no figure can be computed"
    assert "quadratic" not in words["Verdicts on slices"]
    assert words["Reasons, of all verdicts on slices"] == "flicker or step between slices R1 25%, R2 0%"
    assert words["Median time for a slice"] == "R1 3.0 s"


def test_the_rows_hold_the_same_figures() -> None:
    rows = list(agreement_rows(FOUND, ("R1", "R2")))
    assert all(len(row) == len(COLUMNS) for row in rows)
    assert ("cases", 5, "discordant", 2, "", "") in rows
    assert ("verdict", 8, "kappa_quadratic", 0.5123, 0.2, 0.8) in rows
    assert not [row for row in rows if row[0] == "registration"]
    assert ("reason step", "", "share of R1", 0.25, "", "") in rows
    assert ("reason step", "", "share of R2", 0.0, "", "") in rows
    assert ("time for a slice", "", "median seconds of R1", 3.0, "", "") in rows
