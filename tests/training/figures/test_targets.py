import math

import numpy as np
import pytest

from napari_refusion.fusion.baselines import average
from training.figures.targets import find_targets, target_figures


def night() -> np.ndarray:
    """A person of 8 x 20 pixels and a warm cable in a cool street."""
    infrared = np.full((120, 160), 0.2)
    infrared[40:60, 30:38] = 0.8
    infrared[np.arange(20, 100), np.arange(60, 140)] = 0.9
    return infrared


def test_a_compact_bright_place_is_a_target_and_a_line_is_none() -> None:
    (target,) = find_targets(night())
    assert target[42:58, 31:37].all()
    assert target.sum() <= 12 * 24


def test_the_average_with_a_flat_image_keeps_half_and_infrared_itself_all_of_a_target() -> None:
    infrared = night()
    assert target_figures(infrared, average(infrared, np.full_like(infrared, 0.5))) == {
        "targets_kept": pytest.approx(0.5)
    }
    assert target_figures(infrared, infrared) == {"targets_kept": pytest.approx(1)}
    assert target_figures(infrared, np.full_like(infrared, 0.5)) == {"targets_kept": pytest.approx(0)}


def test_a_scene_without_a_target_has_no_figure() -> None:
    street = np.full((80, 80), 0.2)
    assert math.isnan(target_figures(street, street)["targets_kept"])
    wall = street.copy()
    wall[:, 40:] = 0.9  # warm, but larger than any target
    assert math.isnan(target_figures(wall, wall)["targets_kept"])
