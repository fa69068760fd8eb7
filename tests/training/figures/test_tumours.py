import math

import numpy as np
import pytest

from napari_refusion.fusion.baselines import average
from training.figures.tumours import removed, tumour_figures


def limb() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """PET with a hot square of .8 in tissue of .2, a flat CT, and the square's mask."""
    tumour = np.zeros((64, 64), dtype=bool)
    tumour[24:40, 24:40] = True
    return np.where(tumour, 0.8, 0.2), np.full((64, 64), 0.4), tumour


def test_the_average_shows_half_of_a_tumour_and_pet_itself_all_of_it() -> None:
    pet, ct, tumour = limb()
    for fuse, expected in ((average, 0.5), (lambda a, b: a, 1.0), (lambda a, b: b, 0.0)):
        figures = tumour_figures(fuse, pet, ct, fuse(pet, ct), tumour)
        assert figures == pytest.approx({"tumour_contrast": expected, "tumour_removal": expected})


def test_contrast_that_the_second_source_adds_is_not_counted_as_uptake() -> None:
    pet, _, tumour = limb()
    ct = np.where(tumour, 0.7, 0.4)
    figures = tumour_figures(average, pet, ct, average(pet, ct), tumour)
    assert figures["tumour_contrast"] == pytest.approx(0.5 * (0.6 + 0.3) / 0.6)
    assert figures["tumour_removal"] == pytest.approx(0.5)


def test_a_removed_tumour_has_the_level_of_its_surroundings_and_nothing_else_changes() -> None:
    pet, _, tumour = limb()
    without = removed(pet, tumour, 0.2)
    assert without[28:36, 28:36] == pytest.approx(0.2, abs=0.005)  # four pixels, two sigma, inside its edge
    assert without[~tumour] == pytest.approx(0.2)


def test_a_tumour_in_air_has_no_surroundings_and_a_faint_one_no_contrast() -> None:
    pet, ct, tumour = limb()
    alone = np.where(tumour, pet, 0.0)
    assert all(map(math.isnan, tumour_figures(average, alone, ct, average(alone, ct), tumour).values()))
    faint = np.where(tumour, 0.24, 0.2)
    assert math.isnan(tumour_figures(average, faint, ct, average(faint, ct), tumour)["tumour_contrast"])


def test_a_slice_without_the_tumour_has_no_figures() -> None:
    pet, ct, tumour = limb()
    nothing = np.zeros_like(tumour)
    assert all(map(math.isnan, tumour_figures(average, pet, ct, average(pet, ct), nothing).values()))
