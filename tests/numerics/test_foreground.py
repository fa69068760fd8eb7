"""What of a volume is foreground: single voxels, padding and the field of view do not move it."""

import numpy as np
import pytest
from numpy.typing import NDArray

from napari_refusion.numerics.foreground import MOST_SAMPLED, foreground, sorted_sample
from napari_refusion.numerics.intensity import full_window, percentile_window


def image(background: float = 0.55, noise: float = 0.0) -> NDArray[np.float32]:
    """Return a volume of 30^3 whose tissue runs from 100 to 1000, the rest air with some noise (its deviation)."""
    rng = np.random.default_rng(1)
    values = rng.uniform(100, 1000, 27_000)
    air = int(background * values.size)
    values[:air] = np.hypot(*rng.normal(0, noise, (2, air))) if noise else 0
    return values.reshape(30, 30, 30).astype(np.float32)


EXPECTED = 104.5, 995.5
"""Percentiles 0.5 and 99.5 of an even distribution from 100 to 1000."""


@pytest.mark.parametrize(
    "odd",
    [[-0.5], [-1000.0], [30_000.0], [-5.0, -3.0, 30_000.0, 40_000.0]],
    ids=["negative", "very negative", "metal", "several"],
)
@pytest.mark.parametrize("background", [0.55, 0.95, 0.0], ids=["much air", "mostly air", "no air"])
def test_single_voxels_do_not_move_a_window(odd: list[float], background: float) -> None:
    clean, dirty = image(background), image(background)
    dirty.flat[: len(odd)] = odd
    before, after = (percentile_window(one, 0.5, 99.5) for one in (clean, dirty))
    assert (after.low, after.high) == pytest.approx((before.low, before.high), abs=0.01 * 1000)
    assert (before.low, before.high) == pytest.approx(EXPECTED, abs=20)


@pytest.mark.parametrize("padding", [-2000.0, -1024.0, -32768.0, -1.0])
@pytest.mark.parametrize("share", [0.06, 0.3, 0.9])
def test_padding_is_no_foreground(padding: float, share: float) -> None:
    data = image()
    padded = np.concatenate([data.ravel(), np.full(int(data.size * share / (1 - share)), padding, np.float32)])
    window = percentile_window(padded, 0.5, 99.5)
    assert (window.low, window.high) == pytest.approx(EXPECTED, abs=15)


@pytest.mark.parametrize("noise", [1.0, 3.0])
def test_noise_of_air_hardly_counts(noise: float) -> None:
    window = percentile_window(image(0.7, noise), 0.5, 99.5)
    assert window.low < 110
    assert window.high == pytest.approx(EXPECTED[1], abs=15)


@pytest.mark.parametrize("noise", [0.05, 0.2])
def test_negative_noise_around_0_is_background_too(noise: float) -> None:
    # filtered back projection: a third of the air is below 0
    rng = np.random.default_rng(2)
    air, uptake = rng.normal(0, noise, 50_000), rng.uniform(1, 21, 5_000)
    window = percentile_window(np.concatenate([air, uptake]).astype(np.float32), 0, 99.5)
    assert window.high == pytest.approx(20.9, rel=0.05)


@pytest.mark.parametrize("values", [[0.0, 1.0], [0.0, 0.0, 0.0, 3.0], [1.0, 2.0, 3.0]])
def test_few_voxels_have_a_foreground(values: list[float]) -> None:
    kept = foreground(np.sort(np.array(values)))
    assert kept.size
    assert kept[-1] == max(values)


def test_a_large_volume_is_sampled_and_its_percentiles_stay() -> None:
    data = np.linspace(0, 1, 2 * MOST_SAMPLED, dtype=np.float32).reshape(2, -1, 1024)
    sample = sorted_sample(data)
    assert sample.size <= MOST_SAMPLED
    np.testing.assert_allclose(np.quantile(sample, (0.005, 0.995)), (0.005, 0.995), atol=2e-3)


@pytest.mark.parametrize(("odd", "expected"), [(-5000.0, 0.0), (90_000.0, 1000.0)])
def test_one_voxel_far_from_all_others_does_not_set_a_full_range(odd: float, expected: float) -> None:
    data = image()
    data.flat[7] = odd
    window = full_window(data)
    assert (window.low if odd < 0 else window.high) == pytest.approx(expected, abs=1)


@pytest.mark.parametrize("high", [1.0, 255.0])
def test_a_sparse_mask_keeps_its_full_range(high: float) -> None:
    mask = np.zeros((40, 40, 40), np.float32)
    mask[20, 20, 20] = high
    assert (full_window(mask).low, full_window(mask).high) == (0, high)
