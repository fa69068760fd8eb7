import math
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from napari_refusion.fusion.baselines import average, laplacian
from training.baselines import exposure_fusion
from training.figures.exposures import exposure_figures
from training.figures.mef_ssim import STABILISER, mef_ssim, similarity
from training.figures.sets import folder_set


def texture(seed: int = 0, shape: tuple[int, int] = (64, 80)) -> np.ndarray:
    smooth = gaussian_filter(np.random.default_rng(seed).random(shape), 1.5)
    return (smooth - smooth.min()) / (smooth.max() - smooth.min())


def exposures() -> tuple[np.ndarray, np.ndarray]:
    """A window, right, whose detail only the darker exposure has, and a room that is black in that one."""
    detail, right = texture(), np.indices((64, 80))[1] >= 40
    return np.where(right, 0.2 + 0.5 * detail, 0.0), np.where(right, 1.0, 0.2 + 0.5 * detail)


def test_detail_is_kept_whole_in_an_image_of_the_well_exposed_halves_and_half_in_the_average() -> None:
    under, over = exposures()
    best = np.where(over == 1, under, over)
    figures = exposure_figures(under, over, best)
    assert (figures["highlights_kept"], figures["shadows_kept"]) == pytest.approx((1, 1))
    assert figures["blown"] == figures["crushed"] == 0
    figures = exposure_figures(under, over, average(under, over))
    assert (figures["highlights_kept"], figures["shadows_kept"]) == pytest.approx((0.5, 0.5))


def test_a_copy_of_one_exposure_keeps_its_own_detail_alone() -> None:
    under, over = exposures()
    dark, bright = exposure_figures(under, over, under), exposure_figures(under, over, over)
    assert (dark["highlights_kept"], dark["shadows_kept"], dark["crushed"], dark["blown"]) == pytest.approx(
        (1, 0, 0.5, 0)
    )
    assert (bright["highlights_kept"], bright["shadows_kept"], bright["crushed"], bright["blown"]) == pytest.approx(
        (0, 1, 0, 0.5)
    )


def test_inverted_and_enlarged_detail_makes_up_for_nothing() -> None:
    under, over = exposures()
    assert exposure_figures(under, over, 1 - under)["highlights_kept"] == 0
    assert exposure_figures(under, over, 2 * under)["highlights_kept"] == pytest.approx(1)


def test_exposures_without_clipped_areas_have_no_highlights_or_shadows() -> None:
    middle = 0.2 + 0.5 * texture()
    figures = exposure_figures(middle, middle, middle)
    assert math.isnan(figures["highlights_kept"])
    assert math.isnan(figures["shadows_kept"])


def test_equal_exposures_are_fused_perfectly_by_a_copy_whatever_its_brightness() -> None:
    image = 0.2 + 0.5 * texture()
    assert mef_ssim(image, image, image) == pytest.approx(1)
    assert mef_ssim(image, image, image + 0.2) == pytest.approx(1)


def test_the_exposure_that_is_clipped_does_not_count() -> None:
    image = 0.2 + 0.5 * texture()
    assert mef_ssim(image, np.ones_like(image), image) == pytest.approx(1)
    assert mef_ssim(np.zeros_like(image), image, image) == pytest.approx(1)


def test_a_flat_fused_image_of_a_flat_and_a_textured_exposure_has_what_the_constant_leaves() -> None:
    image = texture(shape=(11, 11))
    place = np.arange(11) - 5
    window = np.exp(-(place**2) / (2 * 1.5**2))
    window = np.outer(window, window) / window.sum() ** 2
    grey = 255 * image
    variance = (window * grey**2).sum() - (window * grey).sum() ** 2
    found = similarity(grey, np.full_like(grey, 255.0), np.full_like(grey, 100.0))
    assert found == pytest.approx(STABILISER / (variance + STABILISER))


def test_the_wanted_patch_is_the_mean_structure_at_the_larger_contrast() -> None:
    """Of two orthogonal structures of equal contrast c the wanted patch is c (s1 + s2) / root 2, whatever p is."""
    rows, columns = np.indices((11, 11)) - 5.0
    first, second = 100 + 10 * rows, 100 + 10 * columns  # orthogonal and of equal norm by symmetry
    wanted = 10 * (rows + columns) / math.sqrt(2)
    assert similarity(first, second, 50 + wanted) == pytest.approx(1)
    assert similarity(first, second, 50 + 2 * wanted) < 0.9


def test_images_too_small_for_three_scales_have_no_value() -> None:
    small = np.zeros((43, 80))
    assert math.isnan(mef_ssim(small, small, small))


@pytest.mark.slow
def test_exposure_fusion_and_a_laplacian_pyramid_stand_above_the_average(shared: Path) -> None:
    pairs = [read() for _, read in folder_set(shared / "data/meif/devtest").thinned(4).readers]
    means = [
        np.mean([mef_ssim(pair.a, pair.b, fuse(pair.a, pair.b)) for pair in pairs])
        for fuse in (average, exposure_fusion, laplacian)
    ]
    assert means[0] < 0.95 < min(means[1:])
