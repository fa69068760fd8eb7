import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from training.baselines import Fuse, average, exposure_fusion, focus_stacking, laplacian, maximum


def texture(seed: int, shape: tuple[int, int] = (50, 37)) -> np.ndarray:
    return np.random.default_rng(seed).random(shape)


def test_the_average_and_the_maximum_are_taken_at_every_pixel() -> None:
    a, b = np.array([[0.0, 0.5]]), np.array([[1.0, 0.25]])
    assert average(a, b).tolist() == [[0.5, 0.375]]
    assert maximum(a, b).tolist() == [[1.0, 0.5]]


@pytest.mark.parametrize("shape", [(64, 64), (50, 37), (11, 13)])
def test_a_laplacian_pyramid_of_equal_sources_gives_them_back_at_any_size(shape: tuple[int, int]) -> None:
    image = texture(0, shape)
    assert laplacian(image, image) == pytest.approx(image, abs=1e-12)


def test_a_laplacian_pyramid_keeps_fine_detail_whole_where_the_average_halves_it() -> None:
    rows, columns = np.indices((64, 64))
    flat = np.full((64, 64), 0.5)
    chessboard = flat + 0.2 * (-1.0) ** (rows + columns)
    kept = (laplacian(chessboard, flat) - flat)[8:-8, 8:-8] / (chessboard - flat)[8:-8, 8:-8]
    assert kept == pytest.approx(1, abs=0.02)
    assert laplacian(flat, chessboard) == pytest.approx(laplacian(chessboard, flat))


def test_a_laplacian_pyramid_averages_flat_sources() -> None:
    fused = laplacian(np.full((40, 40), 0.2), np.full((40, 40), 0.6))
    assert fused == pytest.approx(0.4)


def test_a_laplacian_pyramid_stays_within_the_range_of_images() -> None:
    fused = laplacian(np.round(texture(1)), np.round(texture(2)))
    assert fused.min() >= 0
    assert fused.max() <= 1


@pytest.mark.parametrize("fuse", [exposure_fusion, focus_stacking])
@pytest.mark.parametrize("shape", [(64, 64), (50, 37)])
def test_equal_sources_come_back(fuse: Fuse, shape: tuple[int, int]) -> None:
    image = texture(0, shape)
    assert fuse(image, image) == pytest.approx(image, abs=1e-5)


def test_exposure_fusion_takes_what_is_near_mid_grey() -> None:
    """Weights fall with exp(-(i - .5)^2 / (2 x .2^2)), and contrast is nowhere: black and mid-grey give nearly grey."""
    ramp = 0.5 + 0.02 * np.sin(np.indices((64, 64))[1] / 3)
    fused = exposure_fusion(np.zeros((64, 64)), ramp)
    assert fused.mean() == pytest.approx(0.5, abs=0.01)


def test_focus_stacking_puts_the_sharp_halves_together() -> None:
    sharp = texture(3, (96, 128))
    blurred = gaussian_filter(sharp, 2.0)
    left = np.indices(sharp.shape)[1] < 64
    fused = focus_stacking(np.where(left, sharp, blurred), np.where(left, blurred, sharp))
    away = np.abs(np.indices(sharp.shape)[1] - 64) > 24
    assert fused[away] == pytest.approx(sharp[away], abs=0.02)
