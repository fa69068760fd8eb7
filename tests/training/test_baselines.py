import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from training.baselines import Fuse, exposure_fusion, focus_stacking


def texture(seed: int, shape: tuple[int, int] = (50, 37)) -> np.ndarray:
    return np.random.default_rng(seed).random(shape)


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
