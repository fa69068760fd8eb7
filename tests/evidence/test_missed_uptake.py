from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from napari_refusion.evidence import summits
from napari_refusion.evidence.missed_uptake import MissedUptake, missed_uptake
from napari_refusion.evidence.peaks import find_peaks, transfer_in_slice
from napari_refusion.volume.affine import IPL_TO_RAS, Affine

Values = NDArray[np.float32]


def spots(places: list[tuple[float, float, float]], steps: tuple[float, float, float], reach: float = 60.0) -> Values:
    """A background of 0.1 with Gaussian spots, 0.5 high and 4 mm in standard deviation, at places in mm."""
    counts = [max(1, int(reach / step)) for step in steps]
    grid = np.meshgrid(*(np.arange(count) * step for count, step in zip(counts, steps, strict=True)), indexing="ij")
    squares = [sum((axis - at) ** 2 for axis, at in zip(grid, place, strict=True)) for place in places]
    return np.float32(0.1 + 0.5 * sum(np.exp(-square / (2 * 4.0**2)) for square in squares))


def missed_by(
    functional: Values, fuse: Callable[[Values], Values], axis: str = "axial", affine: Affine = IPL_TO_RAS
) -> tuple[MissedUptake, ...]:
    """What a fusion loses that makes these volumes of the functional source and of the source without its peaks."""
    peaks = find_peaks(functional, axis, affine)
    transfer = np.full(len(peaks.voxels), np.nan)
    for index in np.flatnonzero(peaks.is_levelled):
        levelled = functional.copy()
        np.moveaxis(levelled, peaks.along, 0)[index] = peaks.levelled(functional, int(index))
        without = np.moveaxis(fuse(levelled), peaks.along, 0)[index]
        found = transfer_in_slice(functional, peaks, fuse(functional), int(index), without)
        transfer[peaks.in_slice(int(index))] = found
    return missed_uptake(peaks, transfer, axis, affine)


def missed(functional: Values, anatomical: Values, share: Values | float) -> tuple[MissedUptake, ...]:
    """What a fusion loses that takes a share of the functional source and the rest of the anatomical one."""
    return missed_by(functional, lambda one: np.float32(share * one + (1 - share) * anatomical))


def test_a_fused_image_equal_to_the_source_loses_nothing() -> None:
    functional = spots([(0, 20, 20), (0, 40, 40)], (60, 1, 1))

    assert missed(functional, np.zeros_like(functional), 1.0) == ()


def test_a_mean_of_both_sources_shows_every_peak() -> None:
    functional = spots([(0, 20, 20), (0, 40, 40)], (60, 1, 1))

    assert missed(functional, np.ones_like(functional), 0.5) == ()


def test_a_fused_image_that_shows_a_tenth_of_a_peak_loses_it() -> None:
    functional = spots([(0, 30, 25)], (60, 1, 1))

    (peak,) = missed(functional, np.ones_like(functional), 0.1)

    assert (peak.index, peak.voxel) == (0, (0, 30, 25))
    assert peak.transfer == pytest.approx(0.1, abs=1e-5)
    # over the 13 pixels of the disc exp(-r^2/32) is 0.938 on average; in the ring its median is exp(-13^2/32) = 0.005
    assert peak.contrast == pytest.approx(0.5 * 0.933, abs=0.01)


def test_a_peak_under_bright_anatomy_is_lost_and_the_one_beside_it_is_not() -> None:
    functional = spots([(0, 20, 15), (0, 40, 45)], (60, 1, 1))
    anatomical = np.zeros_like(functional)
    anatomical[:, :, 30:] = 1.0

    (peak,) = missed_by(functional, lambda one: np.maximum(one, anatomical))

    assert peak.voxel == (0, 40, 45)
    assert peak.transfer == 0.0


def test_the_peak_of_which_least_is_left_comes_first() -> None:
    functional = spots([(0, 20, 15), (0, 40, 45)], (60, 1, 1))
    share = np.full_like(functional, 0.15)
    share[:, :, 30:] = -0.05  # darker than without the peak

    first, second = missed(functional, np.ones_like(functional), share)

    assert (first.voxel, second.voxel) == ((0, 40, 45), (0, 20, 15))
    assert (first.transfer, second.transfer) == (pytest.approx(-0.05, abs=1e-5), pytest.approx(0.15, abs=1e-5))


@pytest.mark.parametrize(("axis", "along"), [("axial", 0), ("coronal", 1), ("sagittal", 2)])
@pytest.mark.parametrize("steps", [(1.0, 1.0, 1.0), (3.0, 1.0, 1.5), (5.0, 2.0, 2.0)])
def test_a_peak_is_found_in_millimetres_along_every_direction(
    axis: str, along: int, steps: tuple[float, float, float]
) -> None:
    functional = spots([(30, 30, 30)], steps)
    affine = IPL_TO_RAS @ np.diag([*steps, 1.0])
    affine[:3, 3] = (7.0, 8.0, 9.0)

    (peak,) = missed_by(functional, np.ones_like, axis, affine)

    assert peak.voxel == tuple(round(30 / step) for step in steps)
    assert peak.index == peak.voxel[along]
    # 30 mm towards the feet, the back and the left of where (0, 0, 0) lies in RAS+
    assert peak.point == pytest.approx((7.0 - 30, 8.0 - 30, 9.0 - 30))
    assert peak.transfer == 0.0


def test_slices_without_a_peak_need_not_be_fused_again() -> None:
    functional = spots([(30, 30, 30)], (3, 1, 1))

    peaks = find_peaks(functional, "axial", IPL_TO_RAS @ np.diag([3.0, 1, 1, 1]))

    assert np.flatnonzero(peaks.is_levelled).tolist() == [10]
    assert np.array_equal(peaks.levelled(functional, 9), functional[9])


def test_a_peak_is_levelled_to_its_surroundings_and_nothing_far_from_it() -> None:
    functional = spots([(0, 30, 30)], (60, 1, 1))
    rows, columns = np.indices(functional.shape[1:])
    distance = np.hypot(rows - 30, columns - 30)

    levelled = find_peaks(functional, "axial", IPL_TO_RAS).levelled(functional, 0)

    assert np.all(levelled <= functional[0])
    # a ring from 10 to 16 mm: its median lies between 0.1 + 0.5 exp(-100/32) and 0.1
    assert levelled[distance <= 8].max() < 0.1 + 0.5 * np.exp(-100 / 32)
    assert np.array_equal(levelled[distance > 13], functional[0][distance > 13])


def test_a_wide_plateau_and_a_gradient_have_no_peak() -> None:
    plateau = np.zeros((1, 120, 120), np.float32)
    plateau[:, 20:100, 20:100] = 0.8
    gradient = np.broadcast_to(np.linspace(0, 1, 120, dtype=np.float32), (1, 120, 120)).copy()

    assert all(len(find_peaks(one, "axial", IPL_TO_RAS).voxels) == 0 for one in (plateau[:, 40:80, 40:80], gradient))


def test_a_spot_that_the_window_cut_off_is_one_peak_in_its_middle() -> None:
    rows, columns = np.indices((60, 60))
    functional = np.float32(np.hypot(rows - 28, columns - 33) <= 7)[None]

    assert find_peaks(functional, "axial", IPL_TO_RAS).voxels.tolist() == [[0, 28, 33]]


def test_of_two_peaks_close_together_the_one_with_more_contrast_is_judged() -> None:
    functional = np.zeros((1, 60, 60), np.float32)
    functional[0, 29:32, 24:27] = 0.6
    functional[0, 29:32, 31:34] = 0.9

    assert find_peaks(functional, "axial", IPL_TO_RAS).voxels.tolist() == [[0, 30, 32]]


def test_a_faint_spot_is_no_peak() -> None:
    bright = spots([(0, 30, 30)], (60, 1, 1))

    # 0.5 high; a fifth of it rises by 0.1 x 0.933 over the disc, less than a tenth of the window
    assert len(find_peaks(np.float32(bright / 5), "axial", IPL_TO_RAS).voxels) == 0
    assert len(find_peaks(np.float32(bright / 4), "axial", IPL_TO_RAS).voxels) == 1


def test_nothing_is_found_where_there_is_no_uptake() -> None:
    nothing = np.zeros((3, 40, 40), np.float32)
    peaks = find_peaks(nothing, "axial", IPL_TO_RAS)

    assert missed_by(nothing, np.ones_like) == ()
    assert not peaks.is_levelled.any()


@pytest.mark.parametrize("steps", [(3.0, 1.0, 1.5), (0.7, 2.0, 0.9)])
def test_peaks_are_the_same_whatever_is_smoothed_at_once(
    steps: tuple[float, float, float], monkeypatch: pytest.MonkeyPatch
) -> None:
    random = np.random.default_rng(3)
    functional = np.clip(gaussian_filter(random.random((40, 50, 45)), 1.5) * 8 - 3.5, 0, 1).astype(np.float32)
    functional[18:22, 20:30, 20:30] = 1.0  # a plateau across the parts
    affine = IPL_TO_RAS @ np.diag([*steps, 1.0])
    whole = find_peaks(functional, "axial", affine)
    assert len(whole.voxels) > 20
    for planes in (1, 7, 20):
        monkeypatch.setattr(summits, "SLAB", planes * 50 * 45)
        parts = find_peaks(functional, "axial", affine)
        np.testing.assert_array_equal(parts.voxels, whole.voxels)
        np.testing.assert_array_equal(parts.contrast, whole.contrast)


@pytest.mark.parametrize(("share", "lost"), [(0.199, 1), (0.201, 0)])
def test_a_peak_of_which_less_than_a_fifth_is_left_is_lost(share: float, lost: int) -> None:
    functional = spots([(0, 30, 25)], (60, 1, 1))

    assert len(missed(functional, np.ones_like(functional), share)) == lost
