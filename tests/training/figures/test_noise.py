import math

import numpy as np
import pytest

from napari_refusion.fusion.baselines import average, maximum
from training.figures.noise import flat_areas, flat_noise_figures, noise_gain_figures


def flat_tissue() -> tuple[np.ndarray, np.ndarray]:
    """Two sources far enough from 0 and 1, and from each other, that noise crosses none of these."""
    return np.full((160, 160), 0.3), np.full((160, 160), 0.7)


def test_the_average_shows_half_of_the_noise_of_one_source_and_adds_that_of_both_in_squares() -> None:
    a, b = flat_tissue()
    figures = noise_gain_figures(average, a, b, average(a, b))
    assert figures["noise_gain"] == pytest.approx(0.5)
    assert figures["noise_gain_both"] == pytest.approx(math.sqrt(0.5), rel=0.01)  # two draws of 25,600


def test_the_maximum_shows_the_noise_of_the_brighter_source_alone() -> None:
    a, b = flat_tissue()
    figures = noise_gain_figures(maximum, a, b, b)
    assert figures["noise_gain"] == pytest.approx(0.5)
    assert figures["noise_gain_both"] == pytest.approx(1, rel=0.01)


def test_a_fusion_that_adds_noise_twofold_has_a_gain_of_two() -> None:
    a, b = flat_tissue()
    assert noise_gain_figures(lambda x, y: 2 * x + 2 * y, a, b, 2 * a + 2 * b)["noise_gain"] == pytest.approx(2)


def test_flat_areas_are_the_half_of_the_foreground_without_edges() -> None:
    a = np.full((40, 40), 0.5)
    a[:, 20:] += 0.01 * np.arange(20) ** 2 / 20
    a[:8] = 0
    flat = flat_areas(a, a)
    assert flat[12:, :16].all()
    assert not flat[:7].any()
    assert not flat[12:, 32:].any()


def test_black_sources_have_no_flat_area() -> None:
    black = np.zeros((16, 16))
    assert all(map(math.isnan, noise_gain_figures(average, black, black, black).values()))
    assert math.isnan(flat_noise_figures(black, black, black)["flat_noise"])


def test_the_noise_of_a_fused_image_is_measured_against_the_noisier_source() -> None:
    random = np.random.default_rng(1)
    quiet, noisy = 0.5 + 0.01 * random.standard_normal((80, 80)), 0.5 + 0.04 * random.standard_normal((80, 80))
    assert flat_noise_figures(quiet, noisy, noisy)["flat_noise"] == pytest.approx(1)
    assert flat_noise_figures(noisy, quiet, 0.5 * noisy + 0.2)["flat_noise"] == pytest.approx(0.5)


def test_sources_without_noise_have_no_ratio() -> None:
    flat = np.full((32, 32), 0.5)
    assert math.isnan(flat_noise_figures(flat, flat, flat)["flat_noise"])
