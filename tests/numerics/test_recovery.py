import numpy as np
import pytest
from scipy.ndimage import convolve
from sklearn.linear_model import Ridge

from napari_refusion.numerics.recovery import recovered

WHOLE = np.ones((64, 64), bool)


def noise(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).random((64, 64), dtype=np.float32)


def test_a_source_that_is_a_filtered_fused_image_is_recovered_wholly() -> None:
    fused, kernel = noise(0), np.random.default_rng(1).normal(size=(5, 5))
    source = convolve(fused, kernel, mode="nearest") / np.abs(kernel).sum() + 0.5
    assert recovered(source.astype(np.float32), fused, WHOLE, ridge=1e-6) == pytest.approx(1, abs=1e-4)


def test_an_unrelated_source_is_recovered_as_far_as_chance_goes() -> None:
    """The expected R^2 of p regressors without meaning is p / (N - 1): 25 / 4095."""
    assert recovered(noise(1), noise(0), WHOLE) == pytest.approx(25 / 4095, abs=0.005)


def test_half_of_a_source_is_recovered_when_the_other_half_of_its_variance_is_noise() -> None:
    assert recovered((noise(0) + noise(1)) / 2, noise(0), WHOLE) == pytest.approx(0.5, abs=0.03)


def test_it_is_the_ridge_regression_of_scikit_learn() -> None:
    source, fused = (noise(0) + np.roll(noise(2), 2, axis=0)) / 2, noise(2)
    mask = noise(3) > 0.5
    padded = np.pad(fused, 2, mode="edge")
    shifted = np.stack([padded[i : i + 64, j : j + 64][mask] for i in range(5) for j in range(5)], axis=1)
    penalty = 0.05 * len(shifted) * shifted.astype(np.float64).var(axis=0).mean()
    theirs = Ridge(alpha=penalty).fit(shifted.astype(np.float64), source[mask])
    expected = theirs.score(shifted.astype(np.float64), source[mask])
    assert recovered(source, fused, mask, ridge=0.05) == pytest.approx(expected, abs=1e-5)


def test_neither_brightness_nor_contrast_changes_it() -> None:
    source, fused = (noise(0) + noise(1)) / 2, noise(0)
    plain = recovered(source, fused, WHOLE)
    assert recovered(0.1 * source, 1 - 0.2 * fused, WHOLE) == pytest.approx(plain, abs=1e-4)


def test_pixels_outside_the_mask_do_not_count() -> None:
    mask = np.zeros((64, 64), bool)
    mask[:32] = True
    source = np.where(mask, noise(0), noise(5))
    assert recovered(source, noise(0), mask) > 0.99 > recovered(source, noise(0), WHOLE)


def test_a_constant_source_has_nothing_to_recover() -> None:
    assert np.isnan(recovered(np.full((64, 64), 0.3, np.float32), noise(0), WHOLE))


def test_a_constant_fused_image_gives_nothing_back() -> None:
    assert recovered(noise(0), np.full((64, 64), 0.3, np.float32), WHOLE) == 0


def test_too_few_pixels_are_not_judged() -> None:
    mask = np.zeros((64, 64), bool)
    mask.flat[:249] = True
    assert np.isnan(recovered(noise(0), noise(0), mask))
    mask.flat[249] = True
    assert recovered(noise(0), noise(0), mask) > 0.99


@pytest.mark.parametrize(("spread", "judged"), [(0.9e-6, False), (1.1e-6, True)])
def test_a_source_within_a_millionth_is_constant(spread: float, judged: bool) -> None:
    # about 0, where float32 tells a millionth apart
    assert np.isfinite(recovered(noise(0).round() * np.float32(spread), noise(0).round(), WHOLE)) == judged


@pytest.mark.parametrize("size", [3, 5, 7])
def test_ten_pixels_for_each_weight_are_enough(size: int) -> None:
    mask = np.zeros((64, 64), bool)
    mask.flat[: 10 * size**2 - 1] = True
    assert np.isnan(recovered(noise(0), noise(0), mask, size=size))
    mask.flat[10 * size**2 - 1] = True
    assert recovered(noise(0), noise(0), mask, size=size) > 0.99
