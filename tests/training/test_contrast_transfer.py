from pathlib import Path

import numpy as np
import pytest

from napari_refusion.fusion.baselines import average, maximum
from training import contrast_transfer as lesions
from training.contenders import load_engine
from training.image_sets import find_partners, read_pair


@pytest.fixture
def sources() -> tuple[np.ndarray, np.ndarray]:
    """A disc of smooth uptake in a larger disc of tissue, 160 x 128."""
    rows, columns = np.indices((160, 128)).astype(float)
    radius = np.hypot(rows - 80, columns - 64)
    functional = np.where(radius < 30, 0.4 + 0.4 * np.sin(rows / 9) ** 2, 0.0)
    anatomical = np.where(radius < 55, 0.5 + 0.5 * np.sin(columns / 11), 0.0)
    return functional, anatomical


def test_the_average_passes_half_of_every_lesion(sources: tuple[np.ndarray, np.ndarray]) -> None:
    assert lesions.contrast_transfer(average, *sources) == pytest.approx(np.full(33, 0.5))


def test_a_copy_of_either_source_passes_all_or_nothing(sources: tuple[np.ndarray, np.ndarray]) -> None:
    assert lesions.contrast_transfer(lambda first, second: first, *sources) == pytest.approx(np.ones(33))
    assert lesions.contrast_transfer(lambda first, second: second, *sources) == pytest.approx(np.zeros(33))


def test_the_maximum_passes_what_rises_above_the_second_source(sources: tuple[np.ndarray, np.ndarray]) -> None:
    first, second = (np.array([image[p] for p in lesions.lesion_positions(*sources)]) for image in sources)
    expected = np.maximum(0, first + 0.3 - np.maximum(first, second)) / 0.3
    assert lesions.contrast_transfer(maximum, *sources) == pytest.approx(expected)
    assert 0 < (expected < 0.2).sum() < 33


def test_a_lesion_is_a_gaussian_of_four_pixels_and_three_tenths() -> None:
    planted = lesions.plant_lesions(np.full((64, 64), 0.1), [(20, 30)])
    assert planted[20, 30] == pytest.approx(0.4)
    assert planted[24, 30] == pytest.approx(0.1 + 0.3 * np.exp(-0.5))
    assert planted[20, 22] == pytest.approx(0.1 + 0.3 * np.exp(-2))


def test_a_lesion_beyond_the_window_is_cut_off() -> None:
    assert lesions.plant_lesions(np.full((32, 32), 0.9), [(16, 16)]).max() == 1


def test_positions_lie_on_a_grid_in_the_foreground_where_the_lesion_fits(
    sources: tuple[np.ndarray, np.ndarray],
) -> None:
    positions = lesions.lesion_positions(*sources)
    assert len(set(positions)) == 33
    assert all(max(source[position] for source in sources) > 0 for position in positions)
    assert all(sources[0][position] <= 0.7 for position in positions)
    assert positions == lesions.lesion_positions(*sources)
    rows, columns = np.array(positions).T
    step = np.gcd.reduce(np.diff(np.unique(rows)))
    assert step >= 12  # 55^2 pi / 33 is 17 x 17 pixels for each, less where the uptake is too hot
    assert np.gcd.reduce(np.diff(np.unique(columns))) % step == 0


def test_a_black_slice_has_no_place_for_a_lesion() -> None:
    black = np.zeros((64, 64))
    assert lesions.lesion_positions(black, black) == []
    assert lesions.contrast_transfer(average, black, black).size == 0


def test_lesions_are_planted_together_only_if_they_are_far_apart(sources: tuple[np.ndarray, np.ndarray]) -> None:
    positions = lesions.lesion_positions(*sources)
    groups = lesions._far_apart(positions)
    assert sorted(position for group in groups for position in group) == sorted(positions)
    for group in groups:
        distances = [np.hypot(p[0] - q[0], p[1] - q[1]) for p in group for q in group if p != q]
        assert min(distances, default=np.inf) >= 40


@pytest.mark.parametrize(("count", "expected"), [(42, [2, 7, 13, 18, 23, 28, 34, 39]), (3, [0, 1, 2]), (1, [0])])
def test_slices_are_spread_over_the_set(count: int, expected: list[int]) -> None:
    assert lesions.probed(count) == expected


@pytest.mark.slow
def test_lesions_planted_together_transfer_like_lesions_planted_alone(shared: Path) -> None:
    """The network's attention sees the whole image, so this is not exact."""
    fuse = load_engine(shared / "reference/weights/ReFusion_MIF.pth").fuse
    first, second = read_pair(*(files[3] for files in find_partners(shared / "data/mif/devtest/MRI-PET")))
    positions = lesions.lesion_positions(first, second)
    without, together = fuse(first, second), lesions.contrast_transfer(fuse, first, second)
    for index in range(0, 33, 4):
        position = positions[index]
        alone = fuse(lesions.plant_lesions(first, [position]), second) - without
        assert alone[position] / 0.3 == pytest.approx(together[index], abs=0.03)
