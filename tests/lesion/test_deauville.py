"""The five-point scale by its published definitions."""

import numpy as np
import pytest

from napari_refusion.lesion.deauville import deauville, why_no_score
from napari_refusion.lesion.measured import Measured, measure
from napari_refusion.lesion.voi import voi_of
from napari_refusion.volume.finding import Finding, RefusedError
from tests.lesion.uptake import pet


def flat(value: float, unit: str = "SUVbw") -> Measured:
    """Return what is measured in a region of one value."""
    volume = pet(np.full((6, 6, 6), value), unit=unit)
    return measure(volume, voi_of(np.ones((6, 6, 6), np.bool_), volume.affine))


@pytest.mark.parametrize(
    ("highest", "score"), [(1.0, 2), (1.5, 2), (1.6, 3), (2.0, 3), (2.1, 4), (4.0, 4), (4.2, 5), (9.0, 5)]
)
def test_the_score_follows_from_blood_pool_and_liver(highest: float, score: int) -> None:
    assert deauville(flat(highest), flat(1.5), flat(2.0)).score == score


def test_without_uptake_the_score_is_1_and_a_new_lesion_is_5() -> None:
    assert deauville(None, flat(1.5), flat(2.0)).score == 1
    assert deauville(flat(1.0), flat(1.5), flat(2.0), is_new=True).score == 5


def test_between_two_and_three_times_the_words_say_that_the_criteria_leave_it_open() -> None:
    assert "2.5 times the liver, where the criteria say 2 to 3" in deauville(flat(5.0), flat(1.5), flat(2.0)).words
    assert "criteria" not in deauville(flat(7.0), flat(1.5), flat(2.0)).words
    assert deauville(flat(5.0), flat(1.5), flat(2.0), markedly=3.0).score == 4


def test_a_liver_below_the_blood_pool_decides_alone_and_is_a_warning() -> None:
    low = deauville(flat(1.0), flat(2.5), flat(2.0))
    assert (low.score, low.findings[0].level) == (2, "warn")
    assert deauville(flat(2.0), flat(2.5), flat(2.0)).score == 3
    assert deauville(flat(2.2), flat(2.5), flat(2.0)).score == 4


def test_values_that_are_no_suv_or_of_two_units_are_refused() -> None:
    for units in (("Bq/ml",) * 3, ("SUVbw", "SUVlbm", "SUVbw")):
        with pytest.raises(RefusedError, match="all in one unit"):
            deauville(*(flat(2.0, unit) for unit in units))
    why = Finding("warn", "SUV", "The patient's weight is missing.")
    assert why_no_score(pet(np.ones((3, 3, 3)), unit="Bq/ml", findings=(why,))) == "The patient's weight is missing."
    assert why_no_score(pet(np.ones((3, 3, 3)))) == ""


def test_a_liver_without_uptake_is_refused() -> None:
    with pytest.raises(RefusedError, match="where the source has uptake"):
        deauville(flat(2.0), flat(1.5), flat(0.0))
